import { mnistModel } from '../examples/model';
import type { nn } from 'wgrad';
import { uniform } from './numbers';
import type { StepInputs, Weights } from './library';

/** The sizes of the MNIST CNN, as `examples/model.ts` has them by default: what the other libraries build it from. */
export const CONVOLUTIONS = [
  { inputs: 1, outputs: 32, side: 28 },
  { inputs: 32, outputs: 32, side: 28 },
  { inputs: 32, outputs: 64, side: 14 },
  { inputs: 64, outputs: 64, side: 14 },
] as const;
/** Dense layers with ReLU and BatchNorm. */
export const DENSE = [
  { inputs: 64 * 7 * 7, outputs: 256 },
  { inputs: 256, outputs: 128 },
] as const;
export const CLASSES = 10;
/** After each pair of convolutions, and after each of the dense layers. */
export const DROPOUT = [0.25, 0.4] as const;

/** Settings of BatchNorm and Adam: PyTorch's, for every library. */
export const BATCH_NORM = { eps: 1e-5, momentum: 0.1 } as const;
export const ADAM = { lr: 1e-3, beta1: 0.9, beta2: 0.999, eps: 1e-8 } as const;

const LAYERS = [
  ...CONVOLUTIONS.map(({ inputs, outputs, side }) => ({ inputs, outputs, size: side * side * inputs * 9 * outputs })),
  ...[...DENSE, { inputs: DENSE[1].outputs, outputs: CLASSES }].map(({ inputs, outputs }) => ({
    inputs,
    outputs,
    size: inputs * outputs,
  })),
];

/**
 * Floating-point operations of the convolutions and dense layers in a training step: each is computed three times (forward,
 * gradient of the input, gradient of the weight), the first layer twice.
 */
export function stepFlop(batch: number): number {
  const times = LAYERS.map(({ size }, i) => 2 * batch * size * (i === 0 ? 2 : 3));
  return times.reduce((sum, flop) => sum + flop, 0);
}

export const network = (dropout: boolean): nn.Sequential => mnistModel({ dropout: dropout ? DROPOUT : [0, 0] });

/** Bytes that stay from step to step: parameters, their gradients and Adam's two moments. */
export function stateBytes(model: nn.Module): number {
  const weights = model.parameters().reduce((sum, { size }) => sum + size, 0);
  return 4 * 4 * weights;
}

/** A batch of noise: how long a step takes does not depend on the pixels. */
export function makeBatch(batch: number): Pick<StepInputs, 'batch' | 'images' | 'labels'> {
  const images = uniform(batch * 784, -0.4, 2.8, 1);
  const labels = Int32Array.from({ length: batch }, (_, i) => i % CLASSES);
  return { batch, images, labels };
}

/** The parameters of a new network, for every library to start from. */
export async function startingWeights(): Promise<Weights[]> {
  const model = network(false);
  const weights: Weights[] = [];
  for (const parameter of model.parameters()) weights.push({ shape: parameter.shape, values: await parameter.data() });
  model.dispose();
  return weights;
}
