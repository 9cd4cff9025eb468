import { describeValue } from './describe';

/** Sizes of a tensor's axes, outermost first. `[]` is a scalar. */
export type Shape = readonly number[];

/** An op was given shapes that do not fit; the message names op, argument, expected and given shape. */
export class ShapeError extends Error {
  override readonly name = 'ShapeError';
}

/** Axes that messages show. */
const LONGEST = 16;

/** Elements of a tensor of this shape. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, n) => product * n, 1);
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((n, i) => n === b[i]);
}

/** `[2, 3]`; of a long list, which is no shape, only the beginning. */
export function formatShape(shape: Shape): string {
  const rest = shape.length > LONGEST ? `, ... ${shape.length - LONGEST} more` : '';
  return `[${shape.slice(0, LONGEST).join(', ')}${rest}]`;
}

/** Row-major strides in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = step;
    step *= shape[i];
  }
  return strides;
}

/** Throws `TypeError` unless `value` is an array (of axes, sizes, tensors). */
export function checkArray(op: string, argument: string, value: unknown): void {
  if (!Array.isArray(value))
    throw new TypeError(`${op}: expected an array as ${argument}, got ${describeValue(value)}`);
}

/**
 * Throws `TypeError` unless `shape` is an array, and `ShapeError` unless every axis is an integer of at least 1 (tensors without
 * elements are refused).
 */
export function checkShape(op: string, shape: Shape): void {
  if (!Array.isArray(shape)) throw new TypeError(`${op}: expected a shape such as [2, 3], got ${describeValue(shape)}`);
  if (shape.some((n) => !Number.isSafeInteger(n) || n < 1)) {
    throw new ShapeError(`${op}: shape ${formatShape(shape)} has an axis that is not an integer >= 1`);
  }
}

/** Throws `ShapeError` unless as many elements as `x` has make a tensor of `shape`. */
export function checkReshape(x: { readonly shape: Shape; readonly size: number }, shape: Shape): void {
  if (sizeOf(shape) === x.size) return;
  throw new ShapeError(
    `reshape: input ${formatShape(x.shape)} has ${x.size} elements, ${formatShape(shape)} has ${sizeOf(shape)}`,
  );
}

/** The axis counted from the front; `-1` is the last. Throws `ShapeError` when out of range. */
export function normalizeAxis(op: string, axis: number, rank: number): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
    throw new ShapeError(`${op}: axis ${axis} is out of range for a tensor of ${rank} axes`);
  }
  return axis < 0 ? axis + rank : axis;
}

/** Sorted, distinct axes; `undefined` means all. Throws `ShapeError` when one is out of range or named twice. */
export function normalizeAxes(op: string, axes: number | readonly number[] | undefined, rank: number): number[] {
  if (axes === undefined) return Array.from({ length: rank }, (_, i) => i);
  const list = (typeof axes === 'number' ? [axes] : axes).map((axis) => normalizeAxis(op, axis, rank));
  if (new Set(list).size !== list.length) throw new ShapeError(`${op}: axes [${list.join(', ')}] name an axis twice`);
  return list.sort((a, b) => a - b);
}

/** The shape that NumPy's rules broadcast `a` and `b` to. Throws `ShapeError` when they do not fit. */
export function broadcastShapes(op: string, a: Shape, b: Shape): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const n = a[i - rank + a.length] ?? 1;
    const m = b[i - rank + b.length] ?? 1;
    if (n !== m && n !== 1 && m !== 1) {
      throw new ShapeError(
        `${op}: shapes ${formatShape(a)} and ${formatShape(b)} do not broadcast: ${n} against ${m} in axis ${i - rank}`,
      );
    }
    return n === 1 ? m : n;
  });
}

/** `index` as the place in a tensor of this shape: `[1, 0]`. */
export function placeOf(index: number, shape: Shape): string {
  let rest = index;
  const place = [...shape].reverse().map((n) => {
    const at = rest % n;
    rest = Math.floor(rest / n);
    return at;
  });
  return formatShape(place.reverse());
}
