import { apply } from '../../autograd/apply';
import { notDifferentiable, type Op } from '../../autograd/op';
import { elementKernel, launchElements } from '../../runtime/kernels/element-kernel';
import { checkDType, type DType } from '../../tensor/dtype';
import { checkTensor, type Tensor } from '../../tensor/tensor';

const CAST = elementKernel('cast', () => import('./shaders.lazy'), { multiItem: true });

export const castOp: Op<{ dtype: DType }> = {
  name: 'cast',
  infer: ([{ shape }], { dtype }) => ({ shape, dtype }),
  forward: (_, [x], { dtype }, out) => {
    launchElements(x.device, 'cast', CAST, x.size, [x, out], { n: x.size }, { FROM: x.dtype, TO: dtype });
  },
  saves: { inputs: [], output: false },
  backward: notDifferentiable,
};

/**
 * The elements as another dtype; `x` itself where it has that one. float32 to integers cuts the fraction off; what is
 * too small or too large becomes the least or the largest number of the dtype, and NaN becomes 0. Integers to float32
 * are rounded to the nearest number, of two equally near ones to the even one. int32 and uint32 keep their bits. No
 * gradient. Throws `TypeError` for an unknown dtype.
 */
export function cast<D extends DType>(x: Tensor<DType>, dtype: D): Tensor<D>;
export function cast(x: Tensor<DType>, dtype: DType): Tensor<DType> {
  checkTensor('cast', 'input 0', x);
  checkDType('cast', dtype);
  return dtype === x.dtype ? x : apply(castOp, [x], { dtype });
}
