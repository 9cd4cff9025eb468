import type { Shape } from '../../../src/tensor/shape';
import { indicesOf, placeOf } from './indexing';

/** log(softmax(x)) along `axis` in float64. */
export function logSoftmaxReference(x: ArrayLike<number>, shape: Shape, axis: number): Float64Array {
  const out = new Float64Array(x.length);
  for (const index of indicesOf(shape.map((n, k) => (k === axis ? 1 : n)))) {
    const places = Array.from({ length: shape[axis] }, (_, c) =>
      placeOf(
        index.map((at, k) => (k === axis ? c : at)),
        shape,
      ),
    );
    const largest = places.reduce((m, at) => Math.max(m, x[at]), -Infinity);
    const total = places.reduce((sum, at) => sum + Math.exp(x[at] - largest), 0);
    for (const at of places) out[at] = x[at] - largest - Math.log(total);
  }
  return out;
}
