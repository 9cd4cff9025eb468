import type { Device } from '../../runtime/device';
import { WGSL_TYPE } from '../../tensor/dtype';
import { launchElements, vectorKernel, vectorOf } from '../../runtime/kernels/element-kernel';
import { sameShape, sizeOf, stridesOf, type Shape } from '../../tensor/shape';
import { Tensor } from '../../tensor/tensor';
import { BUSY_INVOCATIONS, REDUCED_IN_A_ROW } from '../../variants/cost-model';
import { mergeAxes } from '../layout/strided';

const REDUCE = vectorKernel('reduce', () => import('./shaders.lazy'));

export type ReduceKind = 'sum' | 'max' | 'min';

/** How many partial results the `length` elements of each of `outputs` results are reduced to first. */
export function partialsOf(device: Device, outputs: number, length: number): number {
  // A second pass costs more than it gains.
  if (length <= REDUCED_IN_A_ROW) return 1;
  const busy = Math.ceil(BUSY_INVOCATIONS[device.info.kind] / outputs);
  return Math.max(Math.ceil(length / REDUCED_IN_A_ROW), Math.min(busy, Math.ceil(length / 16)));
}

/** Shapes and strides, in elements or, where the kernel can take them at once, in vectors of four along the innermost axis. */
interface Plan {
  readonly vector: ReturnType<typeof vectorOf>;
  readonly outShape: readonly number[];
  readonly outStrides: readonly number[];
  readonly redShape: readonly number[];
  readonly redStrides: readonly number[];
}

function splitAxes({ shape, dtype }: Tensor, axes: readonly number[], inner: boolean): Plan {
  const strides = stridesOf(shape);
  const pick = (reduced: boolean) => {
    const chosen = shape.map((_, axis) => axis).filter((axis) => axes.includes(axis) === reduced);
    const merged = mergeAxes(
      chosen.map((axis) => shape[axis]),
      [chosen.map((axis) => strides[axis])],
    );
    return [merged.shape, merged.strides[0]] as const;
  };
  const [outShape, outStrides] = pick(false);
  const [redShape, redStrides] = pick(true);
  // x is contiguous: where the innermost axis has whole vectors, all other strides are multiples of them.
  const [vectorShape, vectorStrides] = inner ? [redShape, redStrides] : [outShape, outStrides];
  const last = vectorShape.length - 1;
  const vector = vectorOf(vectorStrides[last] === 1 ? vectorShape[last] : 1, WGSL_TYPE[dtype]);
  vectorShape[last] /= vector.VEC;
  const inVectors = (stride: number) => Math.ceil(stride / vector.VEC);
  return { vector, outShape, outStrides: outStrides.map(inVectors), redShape, redStrides: redStrides.map(inVectors) };
}

/** Reduces `axes` of `x` into `out` (the kept axes, in order), in as many passes as the length asks for. */
export function reduceInto(
  op: string,
  kind: ReduceKind,
  x: Tensor,
  axes: readonly number[],
  scale: number,
  out: Tensor,
): void {
  // Neighbouring invocations read neighbouring elements: which axes are innermost decides.
  const inner = axes.includes(x.rank - 1);
  const { vector, ...plan } = splitAxes(x, axes, inner);
  const outputs = sizeOf(plan.outShape);
  const length = sizeOf(plan.redShape);
  // Of each output; a vector of INNER holds four of them.
  const elements = inner ? length * vector.VEC : length;
  const partials = Math.min(length, partialsOf(x.device, outputs, elements));
  const last = partials === 1;
  const target = last
    ? out
    : Tensor.empty(inner ? [outputs, partials] : [partials, outputs * vector.VEC], x.dtype, x.device, op);
  const type = WGSL_TYPE[x.dtype];
  launchElements(
    x.device,
    op,
    REDUCE,
    outputs * partials,
    [x, target],
    {
      outputs,
      length,
      partials,
      scale: last ? scale : 1,
      out_shape: plan.outShape,
      out_strides: plan.outStrides,
      red_shape: plan.redShape,
      red_strides: plan.redStrides,
    },
    {
      KIND: kind,
      ...vector,
      T: type,
      Y: inner ? type : vector.V,
      INNER: inner ? 1 : 0,
      RANK: Math.max(plan.outShape.length, plan.redShape.length),
      OUT_RANK: plan.outShape.length,
      RED_RANK: plan.redShape.length,
    },
  );
  if (last) return;
  reduceInto(op, kind, target, [inner ? 1 : 0], scale, out);
  target.dispose();
}

/** Sums `x` over the axes in which it was broadcast from `shape`; no graph. */
export function sumTo(x: Tensor, shape: Shape, into?: Tensor): Tensor {
  if (sameShape(x.shape, shape)) return x;
  const extra = x.rank - shape.length;
  const axes = x.shape
    .map((_, axis) => axis)
    .filter((axis) => axis < extra || (shape[axis - extra] === 1 && x.shape[axis] !== 1));
  const out = into ?? Tensor.empty(shape, x.dtype, x.device, 'sum');
  reduceInto('sum', 'sum', x, axes, 1, out);
  return out;
}
