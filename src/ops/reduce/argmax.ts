import { apply } from '../../autograd/apply';
import { notDifferentiable, type Op } from '../../autograd/op';
import { WGSL_TYPE } from '../../tensor/dtype';
import { elementKernel, launchElements } from '../../runtime/kernels/element-kernel';
import { normalizeAxis, sizeOf, type Shape } from '../../tensor/shape';
import { Tensor } from '../../tensor/tensor';
import { splitsOf } from './reduce-kernel';

const ARGMAX = elementKernel('argmax', () => import('./shaders.lazy'));

export interface ArgmaxAttrs {
  /** `null`: over the flattened tensor. */
  readonly axis: number | null;
  readonly keepdim: boolean;
}

/** One pass over the elements, or over the places that the pass before `found`; further ones until one place is left. */
function pass(x: Tensor, length: number, inner: number, found: Tensor | null, out: Tensor): void {
  const outputs = out.size;
  const candidates = found ? found.size / outputs : length;
  const splits = splitsOf(x.device, outputs, candidates);
  const target = splits === 1 ? out : Tensor.empty([outputs, splits], 'int32', x.device, 'argmax');
  launchElements(
    x.device,
    'argmax',
    ARGMAX,
    outputs * splits,
    found ? [x, found, target] : [x, target],
    { outputs, length, inner, candidates, splits },
    { T: WGSL_TYPE[x.dtype], FIRST: found ? 0 : 1 },
  );
  if (splits === 1) return;
  pass(x, length, inner, target, out);
  target.dispose();
}

function reducedShape(shape: Shape, { axis, keepdim }: ArgmaxAttrs): number[] {
  const kept = shape.map((n, i) => (axis === null || axis === i ? 1 : n));
  return keepdim ? kept : kept.filter((_, i) => axis !== null && axis !== i);
}

export const argmaxOp: Op<ArgmaxAttrs> = {
  name: 'argmax',
  infer: ([x], attrs) => ({ shape: reducedShape(x.shape, attrs), dtype: 'int32' }),
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
