import { apply } from '../../autograd/apply';
import type { Op } from '../../autograd/op';
import { elementKernel, launchElements } from '../../runtime/kernels/element-kernel';
import type { DType } from '../../tensor/dtype';
import { formatShape, ShapeError } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';

const TRIANGLE = elementKernel('triangle', () => import('./shaders.lazy'));

function triangle(name: 'tril' | 'triu'): Op<{ diagonal: number }> {
  const launch = (x: Tensor, diagonal: number, out: Tensor): void => {
    const [rows, columns] = x.shape.slice(-2);
    // Beyond the corners nothing changes.
    const params = { n: x.size, rows, columns, diagonal: Math.max(-rows, Math.min(columns, diagonal)) };
    launchElements(x.device, name, TRIANGLE, x.size, [x, out], params, { KIND: name });
  };
  return {
    name,
    infer: ([{ shape, dtype, rank }], { diagonal }) => {
      if (rank < 2) throw new ShapeError(`${name}: expected input [..., rows, columns], got ${formatShape(shape)}`);
      if (!Number.isInteger(diagonal))
        throw new RangeError(`${name}: expected diagonal to be an integer, got ${diagonal}`);
      return { shape, dtype };
    },
    forward: (_, [x], { diagonal }, out) => {
      launch(x, diagonal, out);
    },
    saves: { inputs: [], output: false },
    backward: ({ grad, attrs, gradOf }) => {
      const out = gradOf(0);
      launch(grad, attrs.diagonal, out);
      return [out];
    },
  };
}

export const trilOp = triangle('tril');
export const triuOp = triangle('triu');

/**
 * The lower triangle of the matrices `x` [..., rows, columns], 0 elsewhere: `diagonal` (default 0) is the last one
 * kept, counted from the main one upwards. Throws `ShapeError` for fewer than two axes, `RangeError` unless `diagonal`
 * is an integer.
 */
export const tril = <D extends DType>(x: Tensor<D>, diagonal = 0): Tensor<D> => apply(trilOp, [x], { diagonal });
/** The upper triangle, 0 elsewhere: `diagonal` (default 0) is the first one kept. Throws as `tril` does. */
export const triu = <D extends DType>(x: Tensor<D>, diagonal = 0): Tensor<D> => apply(triuOp, [x], { diagonal });
