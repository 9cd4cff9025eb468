import { formatShape, sameShape, ShapeError, type Shape } from '../../tensor/shape';
import { Tensor } from '../../tensor/tensor';
import { reduceInto } from '../reduce/reduce-kernel';

/** What becomes of the single losses: their mean, their sum, or nothing. */
export type Reduction = 'mean' | 'sum' | 'none';

export function reducedLossShape(shape: Shape, reduction: Reduction): Shape {
  return reduction === 'none' ? shape : [];
}

/** What the reduction multiplies each of `count` losses with. */
export function lossScale(reduction: Reduction, count: number): number {
  return reduction === 'mean' ? 1 / count : 1;
}

/** Lets `launch` write the losses of `shape`, and leaves them (or their sum or mean) in `out`. */
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
export function checkClasses(op: string, argument: string, scores: Tensor, target: Tensor): void {
  if (scores.dtype !== 'float32') throw new ShapeError(`${op}: ${argument} are ${scores.dtype}, float32 is wanted`);
  if (target.dtype === 'float32') {
    throw new ShapeError(`${op}: target is float32, class numbers as int32 or uint32 are wanted`);
  }
  if (scores.rank < 2) {
    throw new ShapeError(`${op}: ${argument} have shape ${formatShape(scores.shape)}, [N, C] or [N, C, ...] is wanted`);
  }
  const wanted = scores.shape.filter((_, axis) => axis !== 1);
  if (!sameShape(target.shape, wanted)) {
    throw new ShapeError(
      `${op}: target has shape ${formatShape(target.shape)} but ${argument} ${formatShape(scores.shape)} expect ${formatShape(wanted)}`,
    );
  }
}
