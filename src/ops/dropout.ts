import dropoutSource from '../../shaders/dropout.wgsl?raw';
import philoxSource from '../../shaders/lib/philox.wgsl?raw';
import { apply } from '../autograd/apply';
import type { Op } from '../autograd/op';
import type { Params } from '../runtime/params';
import { elementKernel, launchElements } from '../tensor/launch';
import { ShapeError } from '../tensor/shape';
import type { Tensor } from '../tensor/tensor';

const DROPOUT = elementKernel('dropout', philoxSource, dropoutSource);

export interface DropoutAttrs {
  readonly p: number;
  /** Where the random numbers of the latest forward began: each replay of a captured step moves it on for its backward. */
  readonly draw: { seed: number; offset: number };
}

function launch(x: Tensor, { p, draw }: DropoutAttrs, beforehand: () => void, y: Tensor): void {
  const n = x.size;
  const params = (): Params => {
    beforehand();
    return {
      n,
      seed_low: draw.seed >>> 0,
      seed_high: Math.floor(draw.seed / 2 ** 32),
      blocks: Math.ceil(n / 4),
      offset_low: draw.offset >>> 0,
      offset_high: Math.floor(draw.offset / 2 ** 32),
      p,
      scale: p === 1 ? 0 : 1 / (1 - p),
    };
  };
  launchElements(x.device, 'dropout', DROPOUT, Math.ceil(n / 4), [x, y], params);
}

export const dropoutOp: Op<DropoutAttrs> = {
  name: 'dropout',
  infer: ([x]) => {
    if (x.dtype !== 'float32') throw new ShapeError(`dropout: float32 is wanted, got ${x.dtype}`);
    return { shape: x.shape, dtype: 'float32' };
  },
  forward: (_, [x], attrs, out) => {
    const { generator } = x.device;
    const { size } = x;
    const take = () => {
      attrs.draw.seed = generator.seed;
      attrs.draw.offset = generator.take(size);
    };
    launch(x, attrs, take, out);
  },
  keeps: { inputs: [], output: false },
  backward: ({ grad, attrs, gradOf }) => {
    const dx = gradOf(0);
    launch(grad, attrs, () => undefined, dx);
    return [dx];
  },
};

/**
 * Dropout (Srivastava et al. 2014): each element of `x` becomes 0 with probability `p`, else it is divided by 1 - p. Not
 * training, or with p = 0, it is `x` itself. The mask comes from the device's generator and is not stored.
 * Throws `RangeError` when p is not in [0, 1].
 */
export function dropout(x: Tensor, p = 0.5, training = true): Tensor {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`dropout: p is a probability in [0, 1], got ${p}`);
  if (!training || p === 0) return x;
  return apply(dropoutOp, [x], { p, draw: { seed: 0, offset: 0 } });
}
