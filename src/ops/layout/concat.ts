import { apply } from '../../autograd/apply';
import type { Op } from '../../autograd/op';
import { formatShape, normalizeAxis, sameShape, ShapeError, type Shape } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import { boxOf, stridedCopy, whole, type Box } from './copy-kernel';

interface Join {
  /** How a part looks in the result. */
  readonly partShape: (part: Shape, axis: number) => Shape;
  /** Whether `part` can stand beside `first`. */
  readonly fits: (part: Shape, first: Shape, axis: number) => boolean;
  readonly wanted: string;
}

/** An op that lays its inputs one after the other along `axis` of the result. */
function join(name: string, { partShape, fits, wanted }: Join): Op<{ axis: number }> {
  const boxes = (parts: readonly { shape: Shape }[], axis: number, out: Shape): { shape: Shape; box: Box }[] => {
    const ones = out.map(() => 1);
    let at = 0;
    return parts.map((part) => {
      const shape = partShape(part.shape, axis);
      const start = out.map((_, k) => (k === axis ? at : 0));
      at += shape[axis];
      return { shape, box: boxOf(out, start, ones) };
    });
  };
  return {
    name,
    infer: (parts, { axis }) => {
      const [{ shape: first, dtype }] = parts;
      parts.forEach((part, i) => {
        if (part.dtype === dtype && fits(part.shape, first, axis)) return;
        throw new ShapeError(
          `${name}: tensor ${i} is ${part.dtype} ${formatShape(part.shape)} and tensor 0 is ${dtype} ${formatShape(first)}: equal types and ${wanted} are wanted (axis ${axis})`,
        );
      });
      const total = parts.reduce((n, part) => n + partShape(part.shape, axis)[axis], 0);
      return { shape: partShape(first, axis).map((n, k) => (k === axis ? total : n)), dtype };
    },
    forward: (_, parts, { axis }, out) => {
      boxes(parts, axis, out.shape).forEach(({ shape, box }, i) => {
        stridedCopy(name, shape, parts[i], whole({ shape }), out, box);
      });
    },
    saves: { inputs: [], output: false },
    backward: ({ inputs, grad, attrs: { axis }, needs, gradOf }) =>
      boxes(inputs, axis, grad.shape).map(({ shape, box }, i) => {
        if (!needs[i]) return null;
        const part = gradOf(i);
        stridedCopy(name, shape, grad, box, part, whole({ shape }));
        return part;
      }),
  };
}

export const concatOp = join('concat', {
  partShape: (part) => part,
  fits: (part, first, axis) => part.length === first.length && part.every((n, k) => k === axis || n === first[k]),
  wanted: 'equal shapes but for this axis',
});

export const stackOp = join('stack', {
  partShape: (part, axis) => [...part.slice(0, axis), 1, ...part.slice(axis)],
  fits: (part, first) => sameShape(part, first),
  wanted: 'equal shapes',
});

function joined(op: Op<{ axis: number }>, tensors: readonly Tensor[], axis: number, newAxes: number): Tensor {
  if (tensors.length === 0) throw new ShapeError(`${op.name}: at least one tensor is wanted`);
  return apply(op, tensors, { axis: normalizeAxis(op.name, axis, tensors[0].rank + newAxes) });
}

/**
 * The tensors one after the other along `axis`, each written straight to its place in the result.
 * Throws `ShapeError` when there is none, or types or the other axes differ.
 */
export const concat = (tensors: readonly Tensor[], axis = 0): Tensor => joined(concatOp, tensors, axis, 0);

/**
 * The tensors along a new axis of the result, which stands before axis `axis` of theirs (-1: after the last).
 * Throws `ShapeError` when there is none, or types or shapes differ.
 */
export const stack = (tensors: readonly Tensor[], axis = 0): Tensor => joined(stackOp, tensors, axis, 1);
