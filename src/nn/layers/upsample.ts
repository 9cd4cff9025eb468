import { checkUpsample, upsample as upsampleOp, type UpsampleOptions } from '../../ops/upsample/upsample';
import type { Tensor } from '../../tensor/tensor';
import { Module } from '../module';

/** x `[N, C, H, W]` in another size: see `upsample`, which has the same options. */
export class Upsample extends Module {
  readonly options: Readonly<UpsampleOptions>;

  constructor(options: UpsampleOptions) {
    checkUpsample(options);
    super();
    this.options = { ...options };
  }

  override forward(x: Tensor): Tensor {
    return upsampleOp(x, this.options);
  }

  protected override describe(): string {
    const { size, scaleFactor, mode = 'nearest' } = this.options;
    const [name, value] = size === undefined ? ['scale_factor', scaleFactor] : ['size', size];
    return `${name}=${typeof value === 'object' ? `(${value.join(', ')})` : value}, mode='${mode}'`;
  }
}

/** x `[N, C, H, W]` in another size, larger or smaller. */
export const upsample = (options: UpsampleOptions): Upsample => new Upsample(options);
