import { flatten as flattenOp } from '../../ops/layout/layout';
import type { Tensor } from '../../tensor/tensor';
import { Module } from '../module';

/** x itself. */
export class Identity extends Module {
  override forward(x: Tensor): Tensor {
    return x;
  }
}

/** x itself. */
export const identity = (): Identity => new Identity();

/** Joins the axes `start` to `end` (both included) into one; by default all but the batch. */
export class Flatten extends Module {
  constructor(
    readonly start = 1,
    readonly end = -1,
  ) {
    super();
  }

  override forward(x: Tensor): Tensor {
    return flattenOp(x, this.start, this.end);
  }

  protected override describe(): string {
    return `start_dim=${this.start}, end_dim=${this.end}`;
  }
}

/** Joins the axes `start` to `end` (both included) into one; by default all but the batch. */
export const flatten = (start?: number, end?: number): Flatten => new Flatten(start, end);
