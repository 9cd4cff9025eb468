import { apply } from '../../autograd/apply';
import { notDifferentiable, type Op } from '../../autograd/op';
import { elementKernel, launchElements } from '../../runtime/kernels/element-kernel';
import { drawn } from '../../tensor/create/fill';
import { formatShape, ShapeError } from '../../tensor/shape';
import { checkTensor, Tensor } from '../../tensor/tensor';
import type { Params } from '../../wgsl/params';
import { scan } from '../reduce/cumsum';

const MULTINOMIAL = elementKernel('multinomial', () => import('./shaders.lazy'));

interface MultinomialAttrs {
  readonly numSamples: number;
  readonly replacement: boolean;
}

/** `found`: the bits of a weight that is none, or 1 for a row whose weights do not do. */
function errorOf(found: number): RangeError {
  const got = found === 1 ? 'too few' : new Float32Array(Uint32Array.of(found).buffer)[0];
  return new RangeError(
    'multinomial: expected finite probs >= 0, in each row one above 0 or, without replacement, numSamples, ' +
      `got ${got} (found by the GPU since the last readback)`,
  );
}

export const multinomialOp: Op<MultinomialAttrs> = {
  name: 'multinomial',
  infer: ([{ shape, dtype, rank }], { numSamples, replacement }) => {
    if (dtype !== 'float32') throw new TypeError(`multinomial: expected probs of float32, got ${dtype}`);
    if (rank !== 1 && rank !== 2)
      throw new ShapeError(`multinomial: expected probs [N] or [rows, N], got ${formatShape(shape)}`);
    const length = shape[rank - 1];
    if (!Number.isSafeInteger(numSamples) || numSamples < 1 || (!replacement && numSamples > length))
      throw new RangeError(
        `multinomial: expected numSamples >= 1 and, without replacement, <= ${length}, got ${numSamples}`,
      );
    return { shape: [...shape.slice(0, -1), numSamples], dtype: 'int32' };
  },
  forward: (_, [probs], { numSamples: samples, replacement }, out) => {
    const { device, shape, size, rank } = probs;
    const { checks } = device;
    const length = shape[rank - 1];
    const launch = (kind: string, n: number, tensors: readonly Tensor[], random?: () => Params): void => {
      const params = () => ({ ...random?.(), n, length, samples, check: checks.slot('multinomial', errorOf) });
      const defines = { KIND: kind, CHECKS: tensors.length + 1 };
      launchElements(device, 'multinomial', MULTINOMIAL, n, [...tensors, checks], params, defines);
    };
    const beside = Tensor.empty(shape, 'float32', device, 'multinomial');
    // One sample is the same either way.
    if (replacement || samples === 1) {
      launch('check', size, [probs]);
      scan(probs, rank - 1, false, beside);
      launch('draw', out.size, [probs, beside, out], () => drawn(out, out.size));
    } else {
      launch('race', size, [probs, beside], () => drawn(probs, size));
      launch('rank', size, [beside, out]);
    }
    beside.dispose();
  },
  saves: { inputs: [], output: false },
  backward: notDifferentiable,
};

/**
 * `numSamples` indices of each row of `probs` [N] or [rows, N], as int32 [numSamples] or [rows, numSamples]: each with
 * a probability in proportion to its weight, from the device's seed. The weights need not add up to 1. Without
 * `replacement` (the default, as in PyTorch) no index is drawn twice in a row. No gradient. A negative or infinite
 * weight, NaN, a row of zeros or one with too few weights above 0 makes the next readback throw `RangeError`. Throws
 * `RangeError` for a wrong number of samples, `ShapeError` or `TypeError` for other probs.
 */
export function multinomial(probs: Tensor, numSamples: number, replacement = false): Tensor<'int32'> {
  checkTensor('multinomial', 'probs', probs);
  return apply(multinomialOp, [probs], { numSamples, replacement });
}
