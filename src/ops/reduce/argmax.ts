import { apply } from '../../autograd/apply';
import { notDifferentiable, type Op } from '../../autograd/op';
import { WGSL_TYPE } from '../../tensor/dtype';
import { elementKernel, launchElements } from '../../runtime/kernels/element-kernel';
import { normalizeAxis, sizeOf } from '../../tensor/shape';
import { Tensor } from '../../tensor/tensor';
import { partialsOf } from './reduce-kernel';
import { reducedShape } from './reduced-shape';

const ARGMAX = elementKernel('argmax', () => import('./shaders.lazy'));

export interface ArgmaxAttrs {
  /** `null`: over the flattened tensor. */
  readonly axis: number | null;
  readonly keepdim: boolean;
}

/** One pass over the elements, or over the indices that an earlier pass `found`; then further ones until one is left. */
function pass(x: Tensor, length: number, inner: number, found: Tensor | null, out: Tensor): void {
  const outputs = out.size;
  const candidates = found ? found.size / outputs : length;
  const partials = partialsOf(x.device, outputs, candidates);
  const target = partials === 1 ? out : Tensor.empty([outputs, partials], 'int32', x.device, 'argmax');
  launchElements(
    x.device,
    'argmax',
    ARGMAX,
    outputs * partials,
    found ? [x, found, target] : [x, target],
    { outputs, length, inner, candidates, partials },
    { T: WGSL_TYPE[x.dtype], FIRST: found ? 0 : 1 },
  );
  if (partials === 1) return;
  pass(x, length, inner, target, out);
  target.dispose();
}

export const argmaxOp: Op<ArgmaxAttrs> = {
  name: 'argmax',
  infer: ([x], { axis, keepdim }) => ({
    shape: reducedShape(x.shape, axis === null ? null : [axis], keepdim),
    dtype: 'int32',
  }),
  forward: (_, [x], { axis }, out) => {
    if (axis === null) pass(x, x.size, 1, null, out);
    else pass(x, x.shape[axis], sizeOf(x.shape.slice(axis + 1)), null, out);
  },
  saves: { inputs: [], output: false },
  backward: notDifferentiable,
};

/**
 * The index of the largest element along `axis`, as int32; without an axis, of the flattened tensor. The first of equal
 * elements wins, and a NaN counts as larger than every number. `keepdim` leaves the reduced axes with size 1.
 * Throws `ShapeError` for an axis that `x` does not have.
 */
export function argmax(x: Tensor, axis?: number, keepdim = false): Tensor {
  const attrs = { axis: axis === undefined ? null : normalizeAxis('argmax', axis, x.rank), keepdim };
  return apply(argmaxOp, [x], attrs);
}
