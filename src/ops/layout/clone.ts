import { apply } from '../../autograd/apply';
import type { Op } from '../../autograd/op';
import type { DType } from '../../tensor/dtype';
import type { Tensor } from '../../tensor/tensor';
import { copyRegion, whole } from './copy-kernel';

export const cloneOp: Op<null> = {
  name: 'clone',
  infer: ([{ shape, dtype }]) => ({ shape, dtype }),
  forward: (_, [x], __, out) => {
    copyRegion('clone', x, x.shape, whole(x), out);
  },
  saves: { inputs: [], output: false },
  backward: ({ grad }) => [grad],
};

/** The same elements in memory of their own. The gradient passes. */
export const clone = <D extends DType>(x: Tensor<D>): Tensor<D> => apply(cloneOp, [x], null);
