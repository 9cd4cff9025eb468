import { checkOptions } from '../../device/options';
import { vectorKernel } from '../../runtime/kernels/element-kernel';
import { checkNumber, type ParameterSource } from '../checks';
import { Optimizer, type UpdateRule } from '../optimizer';

/** Options of `adam()` and `adamW()`. */
export interface AdamOptions {
  /** Learning rate; default 1e-3. */
  lr?: number;
  /** Decay rates of the running mean and of the running mean square; default [0.9, 0.999]. */
  betas?: readonly [number, number];
  /** Added to the denominator; default 1e-8. */
  eps?: number;
  /** Adam: factor of the L2 penalty, added to the gradient, default 0. AdamW: share of lr that shrinks the parameter, default 1e-2. */
  weightDecay?: number;
  /** Divides by the largest mean square so far in place of the current one; default false. */
  amsgrad?: boolean;
}

type AdamConfig = Readonly<Required<AdamOptions>>;

const KERNEL = vectorKernel('adam', () => import('../shaders.lazy'), { multiItem: true });

function ruleOf(name: string, decoupled: boolean): UpdateRule<AdamConfig> {
  return {
    name,
    kernel: KERNEL,
    check({ lr, betas, eps, weightDecay }) {
      checkNumber(name, 'lr', lr, 0);
      checkNumber(name, 'betas[0]', betas[0], 0, 1);
      checkNumber(name, 'betas[1]', betas[1], 0, 1);
      checkNumber(name, 'eps', eps, 0);
      checkNumber(name, 'weightDecay', weightDecay, 0);
    },
    moments: ({ amsgrad }) => (amsgrad ? ['exp_avg', 'exp_avg_sq', 'max_exp_avg_sq'] : ['exp_avg', 'exp_avg_sq']),
    defines: ({ amsgrad }) => ({ AMSGRAD: Number(amsgrad), DECOUPLED: Number(decoupled) }),
    uniforms: ({ lr, betas: [beta1, beta2], eps, weightDecay }, step) => ({
      beta1,
      rest1: 1 - beta1,
      beta2,
      rest2: 1 - beta2,
      bias2_sqrt: Math.sqrt(1 - beta2 ** step),
      step_size: lr / (1 - beta1 ** step),
      eps,
      decay: decoupled ? 1 - lr * weightDecay : weightDecay,
    }),
  };
}

const ADAM = ruleOf('adam', false);
const ADAM_W = ruleOf('adamW', true);

function configOf(name: string, options: AdamOptions, decay: number): AdamConfig {
  checkOptions(name, options, 'lr betas eps weightDecay amsgrad');
  const { lr = 1e-3, betas = [0.9, 0.999], eps = 1e-8, weightDecay = decay, amsgrad = false } = options;
  return { lr, betas, eps, weightDecay, amsgrad };
}

/** What Adam and AdamW share. */
abstract class AdamFamily extends Optimizer<AdamConfig> {
  /** Decay rates of the first and the second moment. */
  get betas(): readonly [number, number] {
    return this.config.betas;
  }

  get momentum(): number {
    return this.config.betas[0];
  }

  set momentum(beta1: number) {
    this.configure({ betas: [beta1, this.config.betas[1]] });
  }
}

/** Adam with PyTorch's rules; made by `adam()`. */
export class Adam extends AdamFamily {
  constructor(params: ParameterSource, options: AdamOptions = {}) {
    super(ADAM, params, configOf('adam', options, 0));
  }
}

/** Adam with decoupled weight decay, by PyTorch's rules; made by `adamW()`. */
export class AdamW extends AdamFamily {
  constructor(params: ParameterSource, options: AdamOptions = {}) {
    super(ADAM_W, params, configOf('adamW', options, 1e-2));
  }
}

/**
 * Adam (Kingma and Ba 2015), rules and defaults of torch.optim.Adam; weight decay is added to the gradient.
 * Parameters with requiresGrad false are left as they are.
 * Throws `RangeError` for a setting out of range or no parameters, `TypeError` for a parameter that is not a float32 leaf.
 */
export function adam(params: ParameterSource, options: AdamOptions = {}): Adam {
  return new Adam(params, options);
}

/** Adam with decoupled weight decay (Loshchilov and Hutter 2019), rules and defaults of torch.optim.AdamW. Throws as `adam` does. */
export function adamW(params: ParameterSource, options: AdamOptions = {}): AdamW {
  return new AdamW(params, options);
}
