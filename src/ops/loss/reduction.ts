import type { DType } from '../../tensor/dtype';
import { formatShape, sameShape, ShapeError, type Shape } from '../../tensor/shape';
import { Tensor } from '../../tensor/tensor';
import { reduceInto } from '../reduce/reduce-kernel';

/** The mean of the losses, their sum, or each of them. */
export type Reduction = 'mean' | 'sum' | 'none';

/** What becomes of the losses. */
export interface LossOptions {
  /** Default: the mean over all losses. */
  reduction?: Reduction;
}

/** Throws `RangeError` for a reduction that does not exist. */
export function reducedLossShape(op: string, shape: Shape, reduction: Reduction): Shape {
  if (!['mean', 'sum', 'none'].includes(reduction))
    throw new RangeError(`${op}: expected reduction 'mean', 'sum' or 'none', got '${reduction}'`);
  return reduction === 'none' ? shape : [];
}

/** The factor of each of `count` losses in the result. */
export function lossScale(reduction: Reduction, count: number): number {
  return reduction === 'mean' ? 1 / count : 1;
}

/** Lets `launch` write the losses of `shape`, and puts them (or their sum or mean) into `out`. */
export function reduceLosses(
  op: string,
  shape: Shape,
  reduction: Reduction,
  out: Tensor,
  launch: (losses: Tensor) => void,
): void {
  if (reduction === 'none') {
    launch(out);
    return;
  }
  const losses = Tensor.empty(shape, 'float32', out.device, op);
  launch(losses);
  const axes = shape.map((_, axis) => axis);
  reduceInto(op, 'sum', losses, axes, lossScale(reduction, losses.size), out);
  losses.dispose();
}

/** Checks scores [N, C, …] against class numbers [N, …]. */
export function checkClasses(op: string, argument: string, scores: Tensor<DType>, target: Tensor<DType>): void {
  if (scores.dtype !== 'float32') throw new TypeError(`${op}: expected ${argument} as float32, got ${scores.dtype}`);
  if (target.dtype === 'float32') {
    throw new TypeError(`${op}: expected target as class numbers in int32 or uint32, got float32`);
  }
  if (scores.rank < 2) {
    throw new ShapeError(`${op}: expected ${argument} [N, C] or [N, C, ...], got ${formatShape(scores.shape)}`);
  }
  const expected = scores.shape.filter((_, axis) => axis !== 1);
  if (!sameShape(target.shape, expected)) {
    throw new ShapeError(
      `${op}: expected target ${formatShape(expected)} for ${argument} ${formatShape(scores.shape)}, got ${formatShape(target.shape)}`,
    );
  }
}
