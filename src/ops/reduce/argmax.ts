import { apply } from '../../autograd/apply';
import { notDifferentiable, type Op } from '../../autograd/op';
import { WGSL_TYPE, type DType } from '../../tensor/dtype';
import { elementKernel, launchElements } from '../../runtime/kernels/element-kernel';
import { normalizeAxis, sizeOf } from '../../tensor/shape';
import { checkTensor, Tensor } from '../../tensor/tensor';
import { partialsOf } from './reduce-kernel';
import { reducedShape } from './reduced-shape';

const ARGMAX = elementKernel('argmax', () => import('./shaders.lazy'));

export interface ArgmaxAttrs {
  /** `null`: over the flattened tensor. */
  readonly axis: number | null;
  readonly keepdim: boolean;
}

type Name = 'argmax' | 'argmin';

/** One pass over the elements, or over the indices that an earlier pass `found`; then further ones until one is left. */
function pass(
  op: Name,
  x: Tensor<DType>,
  length: number,
  inner: number,
  found: Tensor<DType> | null,
  out: Tensor<DType>,
): void {
  const outputs = out.size;
  const candidates = found ? found.size / outputs : length;
  const partials = partialsOf(x.device, outputs, candidates);
  const target: Tensor<DType> = partials === 1 ? out : Tensor.empty([outputs, partials], 'int32', x.device, op);
  launchElements(
    x.device,
    op,
    ARGMAX,
    outputs * partials,
    found ? [x, found, target] : [x, target],
    { outputs, length, inner, candidates, partials },
    { T: WGSL_TYPE[x.dtype], FIRST: found ? 0 : 1, OP: op },
  );
  if (partials === 1) return;
  pass(op, x, length, inner, target, out);
  target.dispose();
}

const record = (name: Name): Op<ArgmaxAttrs> => ({
  name,
  infer: ([x], { axis, keepdim }) => ({
    shape: reducedShape(x.shape, axis === null ? null : [axis], keepdim),
    dtype: 'int32',
  }),
  forward: (_, [x], { axis }, out: Tensor<DType>) => {
    if (axis === null) pass(name, x, x.size, 1, null, out);
    else pass(name, x, x.shape[axis], sizeOf(x.shape.slice(axis + 1)), null, out);
  },
  saves: { inputs: [], output: false },
  backward: notDifferentiable,
});

export const argmaxOp = record('argmax');
export const argminOp = record('argmin');

function find(op: Op<ArgmaxAttrs>, x: Tensor<DType>, axis: number | undefined, keepdim: boolean): Tensor<'int32'> {
  checkTensor(op.name, 'input 0', x);
  return apply(op, [x], { axis: axis === undefined ? null : normalizeAxis(op.name, axis, x.rank), keepdim });
}

/**
 * The index of the largest element along `axis`, as int32; without an axis, of the flattened tensor. The first of equal
 * elements wins, and a NaN counts as larger than every number. `keepdim` leaves the reduced axes with size 1.
 * Throws `ShapeError` for an axis that `x` does not have.
 */
export const argmax = (x: Tensor<DType>, axis?: number, keepdim = false): Tensor<'int32'> =>
  find(argmaxOp, x, axis, keepdim);
/** The index of the smallest element, as `argmax` gives that of the largest; a NaN counts as smaller than every number. */
export const argmin = (x: Tensor<DType>, axis?: number, keepdim = false): Tensor<'int32'> =>
  find(argminOp, x, axis, keepdim);
