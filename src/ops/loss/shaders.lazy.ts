import check from '../../../shaders/lib/check.wgsl?raw';
import ieee from '../../../shaders/lib/ieee.wgsl?raw';
import orderKey from '../../../shaders/lib/order_key.wgsl?raw';
import rows from '../../../shaders/lib/rows.wgsl?raw';
import crossEntropy from '../../../shaders/loss/cross_entropy.wgsl?raw';
import nllLoss from '../../../shaders/loss/nll_loss.wgsl?raw';
import pairLoss from '../../../shaders/loss/pair_loss.wgsl?raw';
import scaleRows from '../../../shaders/loss/scale_rows.wgsl?raw';

/** The sources of this folder's kernels, by the kernel's name. */
export const shaders = {
  cross_entropy: [check, orderKey, rows, crossEntropy],
  nll_loss: [check, nllLoss],
  pair_loss: [ieee, pairLoss],
  scale_rows: [scaleRows],
};
