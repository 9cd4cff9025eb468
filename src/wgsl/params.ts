/** How `struct Params` of a kernel lies in memory, read from its WGSL, so that no byte offset is written twice. */
type Scalar = 'u32' | 'i32' | 'f32';

interface Field {
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

const VEC4: Readonly<Record<string, Scalar>> = { vec4u: 'u32', vec4i: 'i32', vec4f: 'f32' };
const SCALARS: readonly string[] = ['u32', 'i32', 'f32'];

/**
 * Reads the layout of `struct Params`, by the rules of WGSL's uniform address space; `null` where the shader has none.
 * Throws on a type that it does not know.
 */
export function paramsLayout(wgsl: string): ParamsLayout | null {
  const body = /struct Params\s*\{([^}]*)\}/.exec(wgsl.replace(/\/\/.*/g, ''))?.[1];
  if (body === undefined) return null;
  const fields: Field[] = [];
  let offset = 0;
  for (const [, name, type] of body.matchAll(/(\w+)\s*:\s*(\w+(?:<[^>]*>)?)\s*,?/g)) {
    const array = /^array<(vec4[uif]),\s*(\d+)>$/.exec(type);
    const vector = array ? array[1] : type;
    if (vector in VEC4) {
      offset = Math.ceil(offset / 16) * 16;
      const count = 4 * (array ? Number(array[2]) : 1);
      fields.push({ name, scalar: VEC4[vector], offset, count });
      offset += 4 * count;
    } else if (SCALARS.includes(type)) {
      fields.push({ name, scalar: type as Scalar, offset, count: 1 });
      offset += 4;
    } else
      throw new Error(`struct Params: type ${type} of ${name} is not one of u32, i32, f32, vec4*, array<vec4*, n>`);
  }
  return { fields, size: Math.ceil(offset / 16) * 16 };
}

const PARTS = /struct Params\s*\{([^}]*)\}/g;

/**
 * Where libraries and the kernel declare a `struct Params` each: one with the fields of all, in the order of the
 * sources.
 */
export function joinParams(wgsl: string): string {
  const parts = [...wgsl.matchAll(PARTS)].map(([, fields]) => fields);
  return parts.length < 2 ? wgsl : `struct Params {${parts.join('')}}\n${wgsl.replace(PARTS, '')}`;
}

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
