import {
  fromSafetensors,
  logSoftmax,
  noGrad,
  tensor,
  tidy,
  toSafetensors,
  type Device,
  type nn,
  type Tensor,
} from 'wgrad';
import { mnistModel, sizesOf } from '../../../model';
import { MEAN, STD } from '../../../recipe';
import type { Filters } from '../protocol';

const SIDE = 28;

/** The network with the weights of a safetensors file. Throws in one line where they are not such a network's. */
export function networkFrom(bytes: Uint8Array, name: string, device: Device): nn.Sequential {
  const weights = fromSafetensors(bytes, { name, device });
  // Its first weights are drawn and overwritten: a training run beside it keeps its random numbers.
  const { offset } = device.generator;
  try {
    const model = mnistModel(sizesOf(weights)).eval();
    model.loadStateDict(weights);
    return model;
  } finally {
    device.generator.offset = offset;
    for (const weight of Object.values(weights)) weight.dispose();
  }
}

/** A safetensors file with the same metadata as the one that Node writes. */
export async function fileOf(model: nn.Sequential): Promise<Uint8Array> {
  const weights = model.stateDict();
  const { channels, dense } = sizesOf(weights);
  return toSafetensors(weights, { model: 'mnist-cnn', channels: String(channels), dense: String(dense) });
}

/** Log-probabilities `[N, 10]` of images `[N, 1, 28, 28]` without dropout; the network's own mode stays as it is. */
export function logProbabilities(model: nn.Sequential, images: Tensor): Tensor {
  const { training } = model;
  model.eval();
  try {
    return tidy(() => noGrad(() => logSoftmax(model.forward(images))));
  } finally {
    model.train(training);
  }
}

/** Ten probabilities for an image of 28x28 bytes. */
export async function classify(model: nn.Sequential, pixels: Uint8Array): Promise<number[]> {
  const scores = tidy(() => {
    const normalised = Float32Array.from(pixels, (byte) => (byte / 255 - MEAN) / STD);
    return logProbabilities(model, tensor(normalised, { shape: [1, 1, SIDE, SIDE] }));
  });
  try {
    return Array.from(await scores.data(), Math.exp);
  } finally {
    scores.dispose();
  }
}

export async function filtersOf(model: nn.Sequential): Promise<Filters> {
  const weight = model.stateDict()['0.weight'];
  return { count: weight.shape[0], weights: Float32Array.from(await weight.data()) };
}
