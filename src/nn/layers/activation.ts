import * as unary from '../../ops/elementwise/unary';
import { softmax as softmaxOp } from '../../ops/softmax/softmax';
import type { Tensor } from '../../tensor/tensor';
import { Module } from '../module';

/** max(x, 0). */
export class ReLU extends Module {
  override forward(x: Tensor): Tensor {
    return unary.relu(x);
  }
}

/** max(x, 0). */
export const relu = (): ReLU => new ReLU();

/** x where x > 0, else `negativeSlope` · x. */
export class LeakyReLU extends Module {
  constructor(readonly negativeSlope = 0.01) {
    super();
  }

  override forward(x: Tensor): Tensor {
    return unary.leakyRelu(x, this.negativeSlope);
  }

  protected override describe(): string {
    return `negative_slope=${this.negativeSlope}`;
  }
}

/** x where x > 0, else `negativeSlope` (default 0.01) · x. */
export const leakyRelu = (negativeSlope?: number): LeakyReLU => new LeakyReLU(negativeSlope);

/** 1 / (1 + exp(-x)). */
export class Sigmoid extends Module {
  override forward(x: Tensor): Tensor {
    return unary.sigmoid(x);
  }
}

/** 1 / (1 + exp(-x)). */
export const sigmoid = (): Sigmoid => new Sigmoid();

/** Hyperbolic tangent. */
export class Tanh extends Module {
  override forward(x: Tensor): Tensor {
    return unary.tanh(x);
  }
}

/** Hyperbolic tangent. */
export const tanh = (): Tanh => new Tanh();

/** x · Φ(x), the exact form by erf. */
export class GELU extends Module {
  override forward(x: Tensor): Tensor {
    return unary.gelu(x);
  }
}

/** x · Φ(x), the exact form by erf. */
export const gelu = (): GELU => new GELU();

/** x · sigmoid(x). */
export class SiLU extends Module {
  override forward(x: Tensor): Tensor {
    return unary.silu(x);
  }
}

/** x · sigmoid(x). */
export const silu = (): SiLU => new SiLU();

/** x · min(max(x + 3, 0), 6) / 6. */
export class Hardswish extends Module {
  override forward(x: Tensor): Tensor {
    return unary.hardswish(x);
  }
}

/** x · min(max(x + 3, 0), 6) / 6. */
export const hardswish = (): Hardswish => new Hardswish();

/** log(1 + exp(beta · x)) / beta; x itself where beta · x is above `threshold`. */
export class Softplus extends Module {
  constructor(
    readonly beta = 1,
    readonly threshold = 20,
  ) {
    super();
  }

  override forward(x: Tensor): Tensor {
    return unary.softplus(x, this.beta, this.threshold);
  }

  protected override describe(): string {
    return `beta=${this.beta}, threshold=${this.threshold}`;
  }
}

/** log(1 + exp(beta · x)) / beta (default 1); x itself where beta · x is above `threshold` (default 20). */
export const softplus = (beta?: number, threshold?: number): Softplus => new Softplus(beta, threshold);

/** exp(x) / Σ exp(x) along `axis`. `crossEntropy` expects logits, without this layer. */
export class Softmax extends Module {
  constructor(readonly axis = -1) {
    super();
  }

  override forward(x: Tensor): Tensor {
    return softmaxOp(x, this.axis);
  }

  protected override describe(): string {
    return `dim=${this.axis}`;
  }
}

/** exp(x) / Σ exp(x) along `axis` (default the last). */
export const softmax = (axis?: number): Softmax => new Softmax(axis);
