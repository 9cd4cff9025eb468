import { apply } from '../../autograd/apply';
import type { Op } from '../../autograd/op';
import { elementKernel, launchElements } from '../../runtime/kernels/element-kernel';
import { WGSL_TYPE, type DType } from '../../tensor/dtype';
import { normalizeAxis, sizeOf } from '../../tensor/shape';
import { checkTensor, Tensor } from '../../tensor/tensor';

const CUMSUM = elementKernel('cumsum', () => import('./shaders.lazy'));

/** What one invocation adds up; longer axes take a pass over the sums of such blocks first. */
const BLOCK = 64;

/** The running sums of `x` along `axis` into `out`; `reverse`: from its end. */
export function scan(x: Tensor, axis: number, reverse: boolean, out: Tensor): void {
  const { device, shape, dtype } = x;
  const [length, inner] = [shape[axis], sizeOf(shape.slice(axis + 1))];
  const blocks = Math.ceil(length / BLOCK);
  const n = (x.size / length) * blocks;
  const launch = (KIND: 'sum' | 'scan', tensors: readonly Tensor[]): void => {
    const defines = { KIND, BLOCK, T: WGSL_TYPE[dtype], REVERSE: reverse ? 1 : 0, BEFORE: tensors.length - 2 };
    launchElements(device, 'cumsum', CUMSUM, n, tensors, { n, length, inner, blocks }, defines);
  };
  if (blocks === 1) {
    launch('scan', [x, out]);
    return;
  }
  const [sums, before] = [0, 1].map(() =>
    Tensor.empty([x.size / length / inner, blocks, inner], dtype, device, 'cumsum'),
  );
  launch('sum', [x, sums]);
  scan(sums, 1, false, before);
  launch('scan', [x, before, out]);
  sums.dispose();
  before.dispose();
}

export const cumsumOp: Op<{ axis: number }> = {
  name: 'cumsum',
  infer: ([{ shape, dtype }]) => ({ shape, dtype }),
  forward: (_, [x], { axis }, out) => {
    scan(x, axis, false, out);
  },
  saves: { inputs: [], output: false },
  backward: ({ grad, attrs: { axis }, gradOf }) => {
    const out = gradOf(0);
    scan(grad, axis, true, out);
    return [out];
  },
};

/**
 * The sums of `x` along `axis` up to and with each element, of any dtype: added up in blocks, the same bits each time.
 * Throws `ShapeError` for an axis that `x` does not have.
 */
export function cumsum<D extends DType>(x: Tensor<D>, axis: number): Tensor<D> {
  checkTensor('cumsum', 'input 0', x);
  return apply(cumsumOp, [x], { axis: normalizeAxis('cumsum', axis, x.rank) });
}
