import { dropout as dropoutOp } from '../../ops/dropout/dropout';
import type { Tensor } from '../../tensor/tensor';
import { Module } from '../module';

/** When training, zeroes each element with probability `p` and divides the others by 1 - p. Throws `RangeError` for p outside [0, 1]. */
export class Dropout extends Module {
  constructor(readonly p = 0.5) {
    super();
    if (!(p >= 0 && p <= 1)) throw new RangeError(`dropout: expected a probability p in [0, 1], got ${p}`);
  }

  override forward(x: Tensor): Tensor {
    return dropoutOp(x, this.p, this.training);
  }

  protected override describe(): string {
    return `p=${this.p}`;
  }
}

/** When training, zeroes each element with probability `p` and divides the others by 1 - p. Throws `RangeError` for p outside [0, 1]. */
export const dropout = (p?: number): Dropout => new Dropout(p);
