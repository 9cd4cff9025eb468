import type { Shape } from '../../../src/tensor/shape';
import { indicesOf, placeOf } from './indexing';
import { logSoftmaxReference } from './softmax';

/** The losses [N, …] of logits [N, C, …] in float64, and the gradient of each by its own logits. */
export function crossEntropyReference(
  logits: ArrayLike<number>,
  shape: Shape,
  target: ArrayLike<number>,
  smoothing: number,
): { losses: Float64Array; slopes: Float64Array } {
  const logs = logSoftmaxReference(logits, shape, 1);
  const losses = new Float64Array(target.length);
  const slopes = new Float64Array(logits.length);
  const targetShape = shape.filter((_, axis) => axis !== 1);
  indicesOf(shape).forEach((index, i) => {
    const row = placeOf(
      index.filter((_, axis) => axis !== 1),
      targetShape,
    );
    const probability = (index[1] === target[row] ? 1 - smoothing : 0) + smoothing / shape[1];
    losses[row] -= probability * logs[i];
    slopes[i] = Math.exp(logs[i]) - probability;
  });
  return { losses, slopes };
}
