/** How `struct Params` of a kernel lies in memory, read from its WGSL, so that no byte offset is written twice. */
export type Scalar = 'u32' | 'i32' | 'f32';

export interface Field {
  readonly name: string;
  readonly scalar: Scalar;
  readonly offset: number;
  /** Scalars in the field: 1, or 4 for each vec4. */
  readonly count: number;
}

export interface ParamsLayout {
  readonly fields: readonly Field[];
  /** Bytes, a multiple of 16. */
  readonly size: number;
}

export type ParamValue = number | readonly number[];
export type Params = Readonly<Record<string, ParamValue>>;

/**
 * Writes `values` into `view` at `base`. Throws when a field has no value, a value has no field, or the two do not
 * match.
 */
export function packParams(layout: ParamsLayout, values: Params, view: DataView, base: number): void {
  for (const { name, scalar, offset, count } of layout.fields) {
    const value = values[name] as ParamValue | undefined;
    if (value === undefined) throw new Error(`Params.${name} has no value`);
    const list = typeof value === 'number' ? [value] : value;
    if (list.length > count) throw new Error(`Params.${name} holds ${count} numbers, got ${list.length}`);
    for (let i = 0; i < count; i++) {
      const at = base + offset + 4 * i;
      const item = i < list.length ? list[i] : 0;
      if (scalar === 'f32') {
        view.setFloat32(at, item, true);
        continue;
      }
      if (!Number.isInteger(item)) throw new Error(`Params.${name}: expected an integer, got ${item}`);
      // The same bits for i32 and u32: kernels rely on this for negative steps.
      view.setUint32(at, item, true);
    }
  }
  if (layout.fields.length !== Object.keys(values).length) {
    const unknown = Object.keys(values).filter((key) => !layout.fields.some((field) => field.name === key));
    throw new Error(`Params has no field ${unknown.join(', ')}`);
  }
}
