import { capture, conv2d, keep, matmul, nn, optim, tensor, tidy, type Device, type Tensor } from 'wgrad';
import { version } from '../package.json';
import type { KernelGroup, Part } from './kernels/cases';
import type { KernelInputs, KernelJob, Library, StepContender, StepInputs, StepNetwork } from './library';
import { ADAM, network } from './network';

const OPS = {
  matmul: (a: Tensor, b: Tensor) => matmul(a, b),
  conv2d: (a: Tensor, b: Tensor) => conv2d(a, b, null, { padding: 'same' }),
};

const floats = async (values: Tensor): Promise<Float32Array> => await values.data();

function forwardJob(device: Device, compute: () => Tensor, inputs: readonly Tensor[]): KernelJob {
  return {
    run: () => {
      compute().dispose();
    },
    finish: () => device.finish(),
    async result() {
      const out = compute();
      const values = await floats(out);
      out.dispose();
      return values;
    },
    dispose: () => {
      for (const input of inputs) input.dispose();
    },
  };
}

/** The gradient of one input alone: the forward pass runs once, here, and its graph is kept. */
function gradientJob(device: Device, compute: () => Tensor, leaf: Tensor, rest: readonly Tensor[]): KernelJob {
  const [gradient] = rest;
  const out = compute();
  const run = (): void => {
    leaf.grad?.dispose();
    leaf.grad = null;
    out.backward({ gradient, retainGraph: true });
  };
  return {
    run,
    finish: () => device.finish(),
    result() {
      run();
      if (!leaf.grad) throw new Error('wgrad: backward() left no gradient');
      return floats(leaf.grad);
    },
    dispose: () => {
      for (const tensor of [out, leaf, leaf.grad, ...rest]) tensor?.dispose();
    },
  };
}

function kernelJob(device: Device, group: KernelGroup, part: Part, inputs: KernelInputs): KernelJob {
  const a = tensor(inputs.a, { shape: group.a, device, requiresGrad: part === 'gradientOfA' });
  const b = tensor(inputs.b, { shape: group.b, device, requiresGrad: part === 'gradientOfB' });
  const compute = (): Tensor => OPS[group.op](a, b);
  if (part === 'forward') return forwardJob(device, compute, [a, b]);
  const gradient = tensor(inputs.gradient, { shape: group.out, device });
  return part === 'gradientOfA'
    ? gradientJob(device, compute, a, [gradient, b])
    : gradientJob(device, compute, b, [gradient, a]);
}

/** A network in training, with the tensors of its batch. */
class Training {
  readonly #images: Tensor;
  readonly #labels: Tensor<'int32'>;
  #model: nn.Sequential;
  #adam: optim.Adam;

  constructor({ batch, images, labels, weights }: StepInputs) {
    this.#images = tensor(images, { shape: [batch, 1, 28, 28] });
    this.#labels = tensor(labels);
    this.#model = network(false);
    for (const [i, parameter] of this.#model.parameters().entries()) parameter.write(weights[i].values);
    this.#adam = this.#newAdam();
  }

  #newAdam(): optim.Adam {
    const { lr, beta1, beta2, eps } = ADAM;
    return optim.adam(this.#model.parameters(), { lr, betas: [beta1, beta2], eps });
  }

  get batch(): [Tensor, Tensor<'int32'>] {
    return [this.#images, this.#labels];
  }

  readonly step = (images: Tensor, labels: Tensor<'int32'>): Tensor => {
    const loss = nn.crossEntropy(this.#model.forward(images), labels);
    loss.backward();
    this.#adam.step();
    return loss;
  };

  /** Replaces the network without dropout by one with it. */
  enableDropout(): void {
    const before = this.#model;
    this.#model = network(true);
    this.#model.loadStateDict(before.stateDict());
    this.#adam.dispose();
    before.dispose();
    this.#adam = this.#newAdam();
  }

  dispose(): void {
    this.#adam.dispose();
    for (const owner of [this.#model, this.#images, this.#labels]) owner.dispose();
  }
}

function stepNetwork(device: Device, inputs: StepInputs, captured: boolean): StepNetwork {
  const training = new Training(inputs);
  const eager = (images: Tensor, labels: Tensor<'int32'>): Tensor => tidy(() => training.step(images, labels));
  let step = captured ? capture(training.step) : null;
  let latest: Tensor | null = null;
  return {
    run: () => {
      latest?.dispose();
      latest = keep((step ?? eager)(...training.batch));
    },
    finish: () => device.finish(),
    loss: () => (latest ? latest.item() : Promise.reject(new Error('wgrad: no step has run'))),
    enableDropout: () => {
      step?.dispose();
      training.enableDropout();
      if (captured) step = capture(training.step);
    },
    dispose: () => {
      latest?.dispose();
      step?.dispose();
      training.dispose();
    },
  };
}

/** This library, on its default device. */
export function wgradLibrary(device: Device): Library {
  const contender = (label: string, captured: boolean): StepContender => ({
    label,
    prepare: (inputs) => stepNetwork(device, inputs, captured),
  });
  return {
    name: 'wgrad',
    version,
    device: device.gpu.device,
    kernel: (group, part, inputs) => kernelJob(device, group, part, inputs),
    steps: [contender('wgrad, captured', true), contender('wgrad, eager', false)],
  };
}
