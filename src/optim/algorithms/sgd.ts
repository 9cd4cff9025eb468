import { checkOptions } from '../../device/options';
import { vectorKernel } from '../../runtime/kernels/element-kernel';
import { checkNumber, type ParameterSource } from '../checks';
import { Optimizer, type UpdateRule } from '../optimizer';

/** Options of `sgd()`. */
export interface SGDOptions {
  /** Learning rate; default 1e-3. */
  lr?: number;
  /** Default 0: no momentum buffer. */
  momentum?: number;
  /** How much less than the whole gradient goes into the momentum buffer; default 0. */
  dampening?: number;
  /** Factor of the L2 penalty, added to the gradient; default 0. */
  weightDecay?: number;
  /** Nesterov's momentum; default false. */
  nesterov?: boolean;
}

type SGDConfig = Readonly<Required<SGDOptions>>;

const RULE: UpdateRule<SGDConfig> = {
  name: 'sgd',
  kernel: vectorKernel('sgd', () => import('../shaders.lazy'), { multiItem: true }),
  check({ lr, momentum, dampening, weightDecay, nesterov }) {
    checkNumber('sgd', 'lr', lr, 0);
    checkNumber('sgd', 'momentum', momentum, 0);
    checkNumber('sgd', 'dampening', dampening, -Infinity);
    checkNumber('sgd', 'weightDecay', weightDecay, 0);
    if (nesterov && (momentum === 0 || dampening !== 0)) {
      throw new RangeError(
        `sgd: expected momentum > 0 and dampening 0 with nesterov, got momentum ${momentum} and dampening ${dampening}`,
      );
    }
  },
  moments: ({ momentum }) => (momentum === 0 ? [] : ['momentum_buffer']),
  defines: ({ momentum, nesterov }) => ({ MOMENTUM: Number(momentum !== 0), NESTEROV: Number(nesterov) }),
  uniforms: ({ lr, momentum, dampening, weightDecay }, step) => ({
    lr,
    momentum,
    // The buffer begins as the gradient of the first step, undampened.
    fresh: step === 1 ? 1 : 1 - dampening,
    weight_decay: weightDecay,
  }),
};

/** Stochastic gradient descent with PyTorch's rules; made by `sgd()`. */
export class SGD extends Optimizer<SGDConfig> {
  constructor(params: ParameterSource, options: SGDOptions = {}) {
    checkOptions('sgd', options, 'lr momentum dampening weightDecay nesterov');
    const { lr = 1e-3, momentum = 0, dampening = 0, weightDecay = 0, nesterov = false } = options;
    super(RULE, params, { lr, momentum, dampening, weightDecay, nesterov });
  }

  get momentum(): number {
    return this.config.momentum;
  }

  set momentum(momentum: number) {
    this.configure({ momentum });
  }
}

/**
 * Stochastic gradient descent, optionally with momentum (Sutskever et al. 2013); rules and defaults of torch.optim.SGD.
 * Parameters with requiresGrad false are left as they are.
 * Throws `RangeError` for a setting out of range or no parameters, `TypeError` for a parameter that is not a float32 leaf.
 */
export function sgd(params: ParameterSource, options: SGDOptions = {}): SGD {
  return new SGD(params, options);
}
