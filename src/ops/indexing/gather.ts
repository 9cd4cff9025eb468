import { apply } from '../../autograd/apply';
import type { Op } from '../../autograd/op';
import { elementKernel, launchElements } from '../../runtime/kernels/element-kernel';
import type { DType } from '../../tensor/dtype';
import { formatShape, normalizeAxis, ShapeError, stridesOf, type Shape } from '../../tensor/shape';
import { checkTensor, Tensor } from '../../tensor/tensor';
import { mergeAxes } from '../layout/strided';
import { checkIndices, INVALID } from './embedding';
import { rowSums } from './row-sums';

const GATHER = elementKernel('gather', () => import('./shaders.lazy'));

/** The uniforms of gather.wgsl but `invalid`, and its define RANK. */
function walk(x: Shape, axis: number, index: Tensor<DType>) {
  const strides = stridesOf(x);
  const merged = mergeAxes(index.shape, [strides.map((stride, k) => (k === axis ? 0 : stride))]);
  return {
    params: { n: index.size, length: x[axis], step: strides[axis], shape: merged.shape, strides: merged.strides[0] },
    rank: merged.shape.length,
  };
}

export const gatherOp: Op<{ axis: number }> = {
  name: 'gather',
  infer: ([x, index], { axis }) => {
    checkIndices('gather', 'index', index);
    if (index.rank !== x.rank || index.shape.some((n, k) => k !== axis && n > x.shape[k])) {
      const [shape, given] = [formatShape(x.shape), formatShape(index.shape)];
      throw new ShapeError(
        `gather: expected index no larger than input ${shape} along all axes but ${axis}, got ${given}`,
      );
    }
    return { shape: index.shape, dtype: x.dtype };
  },
  forward: (_, [x, index]: readonly Tensor<DType>[], { axis }, out) => {
    const { checks } = out.device;
    const check = checks.bound('gather', 'index', x.shape[axis], index.dtype === 'int32');
    const { params, rank } = walk(x.shape, axis, index);
    const all = { ...params, invalid: INVALID[x.dtype], check };
    const defines = { RANK: rank, PLACES: 0, CHECKS: 4 };
    launchElements(out.device, 'gather', GATHER, out.size, [index, out, x, checks], all, defines);
  },
  saves: { inputs: [1], output: false },
  backward: ({ inputs: [, index], grad, attrs: { axis }, gradOf }) => {
    const out = gradOf(0);
    const places = Tensor.empty(index.shape, 'uint32', out.device, 'gather');
    const { params, rank } = walk(out.shape, axis, index);
    const defines = { RANK: rank, PLACES: 1, CHECKS: 0 };
    launchElements(
      out.device,
      'gather',
      GATHER,
      index.size,
      [index, places],
      { ...params, invalid: INVALID.uint32 },
      defines,
    );
    rowSums('gather', places, grad, 1, out);
    places.dispose();
    return [out, null];
  },
};

/**
 * Elements of `x` by their place along `axis`, as `torch.gather`: along axis 1 of two, out[i, j] = x[i, index[i, j]]. `index` (int32
 * or uint32) has as many axes as `x` and is no larger than it along the others; the result has its shape. An index outside the
 * axis, also a negative one, makes the next readback throw `RangeError`; its element is NaN (-1, as bits, where `x` is of integers)
 * and gets no gradient. The gradient adds up in the order of the indices, the same bits each time.
 * Throws `ShapeError` when the shapes do not fit or `x` has no such axis, `TypeError` when the index is float32.
 */
export function gather<D extends DType>(x: Tensor<D>, axis: number, index: Tensor<DType>): Tensor<D> {
  checkTensor('gather', 'input 0', x);
  return apply(gatherOp, [x, index], { axis: normalizeAxis('gather', axis, x.rank) });
}
