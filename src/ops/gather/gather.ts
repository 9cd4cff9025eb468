import { apply } from '../../autograd/apply';
import type { Op } from '../../autograd/op';
import { elementKernel, launchElements } from '../../runtime/kernels/element-kernel';
import { ShapeError, sizeOf } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import { gatherGradient } from './gather-gradient';

const GATHER = elementKernel('gather', () => import('./shaders.lazy'));

/** The value of a row whose index is out of range: NaN, or -1 (4294967295), which is no valid index anywhere. */
const INVALID = { float32: 0x7fc00000, int32: 0xffffffff, uint32: 0xffffffff } as const;

export const gatherOp: Op<null> = {
  name: 'gather',
  infer: ([x, indices]) => {
    if (x.rank === 0) throw new ShapeError('gather: expected input with at least one axis, got []');
    if (indices.dtype === 'float32') throw new TypeError('gather: expected indices as int32 or uint32, got float32');
    return { shape: [...indices.shape, ...x.shape.slice(1)], dtype: x.dtype };
  },
  forward: (_, [x, indices], __, out) => {
    const [rows] = x.shape;
    const { checks } = x.device;
    const check = checks.bound('gather', 'indices', rows, indices.dtype === 'int32');
    const params = { n: out.size, rows, width: sizeOf(x.shape.slice(1)), invalid: INVALID[x.dtype], check };
    launchElements(x.device, 'gather', GATHER, out.size, [x, indices, out, checks], params, { CHECKS: 4 });
  },
  saves: { inputs: [1], output: false },
  backward: ({ inputs: [, indices], grad, gradOf }) => {
    const out = gradOf(0);
    gatherGradient(indices, grad, out);
    return [out, null];
  },
};

/**
 * Rows of `x` [R, …] by number: [...indices.shape, …], as an embedding looks them up. Indices are int32 or uint32 of any
 * shape. One outside [0, R), also a negative one, makes the next readback throw `RangeError`; its row is NaN (-1, as bits, where
 * `x` is of integers) and gets no gradient. The gradient adds up in the order of the indices, the same bits each time.
 * Throws `ShapeError` when `x` has no axis, `TypeError` when the indices are float32.
 */
export function gather(x: Tensor, indices: Tensor): Tensor {
  return apply(gatherOp, [x, indices], null);
}
