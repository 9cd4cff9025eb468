/** The optimizers in float64 on the host, written from PyTorch's documentation of torch.optim.SGD, Adam and AdamW. */
export interface ReferenceOptions {
  lr: number;
  momentum?: number;
  dampening?: number;
  nesterov?: boolean;
  betas?: readonly [number, number];
  eps?: number;
  weightDecay?: number;
  amsgrad?: boolean;
}

type Stepper = (value: Float64Array, grad: ArrayLike<number>) => void;

/** One parameter's update; its moments and its step count live in the closure. */
export function referenceSgd(options: ReferenceOptions): Stepper {
  const { momentum = 0, dampening = 0, weightDecay = 0, nesterov = false } = options;
  let buffer: Float64Array | null = null;
  return (value, grad) => {
    const g = Float64Array.from(grad, (x, i) => x + weightDecay * value[i]);
    if (momentum !== 0) {
      buffer = buffer ? buffer.map((b, i) => momentum * b + (1 - dampening) * g[i]) : g.slice();
      const own = buffer;
      g.forEach((x, i) => (g[i] = nesterov ? x + momentum * own[i] : own[i]));
    }
    g.forEach((x, i) => (value[i] -= options.lr * x));
  };
}

export function referenceAdam(options: ReferenceOptions, decoupled: boolean): Stepper {
  const { betas = [0.9, 0.999], eps = 1e-8, weightDecay = decoupled ? 1e-2 : 0, amsgrad = false } = options;
  const [beta1, beta2] = betas;
  let t = 0;
  const m: number[] = [];
  const v: number[] = [];
  const most: number[] = [];
  return (value, grad) => {
    t++;
    const { lr } = options;
    value.forEach((x, i) => {
      if (decoupled) value[i] = x * (1 - lr * weightDecay);
      const g = grad[i] + (decoupled ? 0 : weightDecay * x);
      m[i] = beta1 * (m[i] ?? 0) + (1 - beta1) * g;
      v[i] = beta2 * (v[i] ?? 0) + (1 - beta2) * g * g;
      most[i] = Math.max(most[i] ?? 0, v[i]);
      const mean = m[i] / (1 - beta1 ** t);
      const square = (amsgrad ? most[i] : v[i]) / (1 - beta2 ** t);
      value[i] -= (lr * mean) / (Math.sqrt(square) + eps);
    });
  };
}
