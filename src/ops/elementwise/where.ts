import { apply } from '../../autograd/apply';
import type { Op } from '../../autograd/op';
import type { DType } from '../../tensor/dtype';
import { scalarOf } from '../../tensor/create/create';
import { elementKernel, launchElements } from '../../runtime/kernels/element-kernel';
import { broadcastShapes, sameShape } from '../../tensor/shape';
import { checkTensor, Tensor } from '../../tensor/tensor';
import type { Operand } from './binary';
import { sumTo } from '../reduce/reduce-kernel';
import { broadcastStrides, mergeAxes } from '../layout/strided';

const WHERE = elementKernel('where', () => import('./shaders.lazy'), { multiItem: true });

/** Both branches, or the gradient of one of them (then `a` is the gradient of the result). */
function launch(
  side: 'both' | 'a' | 'b',
  condition: Tensor<DType>,
  a: Tensor<DType>,
  b: Tensor<DType>,
  out: Tensor<DType>,
): void {
  const merged = mergeAxes(
    out.shape,
    [condition, a, b].map((operand) => broadcastStrides(operand.shape, out.shape)),
  );
  const [c_strides, a_strides, b_strides] = merged.strides;
  launchElements(
    out.device,
    'where',
    WHERE,
    out.size,
    side === 'both' ? [condition, a, b, out] : [condition, a, out],
    {
      n: out.size,
      mask: condition.dtype === 'float32' ? 0x7fffffff : 0xffffffff,
      shape: merged.shape,
      c_strides,
      a_strides,
      b_strides,
    },
    { SIDE: side, RANK: merged.shape.length },
  );
}

export const whereOp: Op<null> = {
  name: 'where',
  infer: ([condition, a, b]) => {
    if (a.dtype !== b.dtype)
      throw new TypeError(`where: expected branches of one dtype, got ${a.dtype} and ${b.dtype}`);
    const shape = broadcastShapes('where', condition.shape, broadcastShapes('where', a.shape, b.shape));
    return { shape, dtype: a.dtype };
  },
  forward: (_, [condition, a, b], __, out) => {
    launch('both', condition, a, b, out);
  },
  saves: { inputs: [0], output: false },
  backward: ({ inputs: [condition, a, b], grad, needs, gradOf }) => {
    const rule = (input: Tensor, i: 1 | 2): Tensor | null => {
      if (!needs[i]) return null;
      const same = sameShape(input.shape, grad.shape);
      const masked = same ? gradOf(i) : Tensor.empty(grad.shape, 'float32', grad.device, 'where');
      launch(i === 1 ? 'a' : 'b', condition, grad, grad, masked);
      return same ? masked : sumTo(masked, input.shape, gradOf(i));
    };
    return [null, rule(a, 1), rule(b, 2)];
  },
};

/**
 * `a` where `condition` is not zero (NaN is not zero), else `b`; all three are broadcast together by NumPy's rules. A number
 * takes the dtype of the other branch (float32 when both are numbers). The condition may have any dtype and gets no gradient.
 * Throws `ShapeError` when the shapes do not broadcast, `TypeError` when the dtypes of `a` and `b` differ.
 */
export function where<D extends DType>(condition: Tensor<DType>, a: Operand<D>, b: Operand<D>): Tensor<D> {
  checkTensor('where', 'input 0', condition);
  const { device } = condition;
  const branch = (value: Operand<DType>, other: Operand<DType>): Tensor<DType> =>
    typeof value === 'number'
      ? scalarOf('where', value, device, other instanceof Tensor ? other.dtype : 'float32')
      : value;
  const [left, right] = [branch(a, b), branch(b, a)];
  const out: Tensor<D> = apply(whereOp, [condition, left, right], null);
  // The gradient rule reads no branch.
  if (left !== a) left.dispose();
  if (right !== b) right.dispose();
  return out;
}
