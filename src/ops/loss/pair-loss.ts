import { apply } from '../../autograd/apply';
import type { Op } from '../../autograd/op';
import { launchVectors, vectorKernel, vectorOf } from '../../runtime/kernels/element-kernel';
import { formatShape, sameShape, ShapeError } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import { lossScale, reducedLossShape, reduceLosses, type Reduction } from './reduction';

const PAIR_LOSS = vectorKernel('pair_loss', () => import('./shaders.lazy'));

/** What a loss of two tensors has besides them. */
export interface PairLossAttrs {
  readonly reduction: Reduction;
  /** The arm of shaders/loss/pair_loss.wgsl. */
  readonly loss: string;
  /** Of smoothL1. */
  readonly beta?: number;
}

/** The record of a loss of an input and a target of equal shape. */
export const pairLossOp = (name: string): Op<PairLossAttrs> => ({
  name,
  infer: ([input, target], { reduction }) => {
    if (input.dtype !== 'float32' || target.dtype !== 'float32') {
      throw new TypeError(`${name}: expected input and target as float32, got ${input.dtype} and ${target.dtype}`);
    }
    if (!sameShape(input.shape, target.shape)) {
      throw new ShapeError(
        `${name}: expected input and target of equal shape, got ${formatShape(input.shape)} and ${formatShape(target.shape)}`,
      );
    }
    return { shape: reducedLossShape(name, input.shape, reduction), dtype: 'float32' };
  },
  forward: (_, [input, target], { reduction, loss, beta = 1 }, out) => {
    reduceLosses(name, input.shape, reduction, out, (losses) => {
      const defines = { LOSS: loss, GRAD: 'none' };
      launchVectors(out.device, name, PAIR_LOSS, input.size, [input, target, losses], { scale: 1, beta }, defines);
    });
  },
  saves: { inputs: [0, 1], output: false },
  backward: ({ inputs, grad, attrs: { reduction, loss, beta = 1 }, needs, gradOf }) =>
    inputs.map((_, i) => {
      if (!needs[i]) return null;
      const out = gradOf(i);
      const each = reduction === 'none';
      const defines = {
        LOSS: loss,
        GRAD: i === 0 ? 'x' : 'y',
        UP: each ? vectorOf(out.size).V : 'f32',
        STEP: Number(each),
      };
      const params = { scale: lossScale(reduction, out.size), beta };
      launchVectors(out.device, name, PAIR_LOSS, out.size, [...inputs, grad, out], params, defines);
      return out;
    }),
});

/** Calls the loss `op` by an arm of the kernel; the mean where nothing else is said. */
export const pairLoss = (op: Op<PairLossAttrs>, input: Tensor, target: Tensor, attrs: Partial<PairLossAttrs>): Tensor =>
  apply(op, [input, target], { reduction: 'mean', loss: op.name, ...attrs });
