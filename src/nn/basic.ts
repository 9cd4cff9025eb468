import { dropout } from '../ops/dropout/dropout';
import { flatten } from '../ops/layout/layout';
import type { Tensor } from '../tensor/tensor';
import { Module } from './module';

/** x itself. */
export class Identity extends Module {
  override forward(x: Tensor): Tensor {
    return x;
  }
}

/** Joins the axes `start` to `end` (both included) into one; by default all but the batch. */
export class Flatten extends Module {
  constructor(
    readonly start = 1,
    readonly end = -1,
  ) {
    super();
  }

  override forward(x: Tensor): Tensor {
    return flatten(x, this.start, this.end);
  }

  protected override describe(): string {
    return `start_dim=${this.start}, end_dim=${this.end}`;
  }
}

/** In training, zeroes each element with probability `p` and scales the others: see `dropout`. Throws `RangeError` for p outside [0, 1]. */
export class Dropout extends Module {
  constructor(readonly p = 0.5) {
    super();
    if (!(p >= 0 && p <= 1)) throw new RangeError(`dropout: p is a probability in [0, 1], got ${p}`);
  }

  override forward(x: Tensor): Tensor {
    return dropout(x, this.p, this.training);
  }

  protected override describe(): string {
    return `p=${this.p}`;
  }
}
