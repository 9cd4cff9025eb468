import * as tf from '@tensorflow/tfjs-core';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import type { StepInputs, StepNetwork, Weights } from '../library';
import { ADAM, BATCH_NORM, CLASSES, CONVOLUTIONS, DENSE, DROPOUT } from '../network';
import { oneHot, permute } from './layout';
import { finish } from './tfjs-kernels';

type Model = ReturnType<typeof sequential>;
type Layer = ReturnType<typeof layers.dropout>;

/** Gives `layer` its weights, through a tensor each that is freed again. */
function setWeights(layer: Layer, weights: readonly (readonly [Float32Array, readonly number[]])[]): void {
  const tensors = weights.map(([values, shape]) => tf.tensor(values, shape));
  layer.setWeights(tensors);
  tf.dispose(tensors);
}

/** The same layers as `examples/model.ts` with the same weights, in tfjs's layouts. */
function build(given: readonly Weights[]): { model: Model; dropouts: Layer[] } {
  const model = sequential();
  const dropouts: Layer[] = [];
  const weights = given.values();
  const next = (): Weights => {
    const { value, done } = weights.next();
    if (done) throw new Error('tfjs: a layer is left without weights');
    return value;
  };
  const add = (layer: Layer): Layer => {
    model.add(layer);
    return layer;
  };
  const batchNorm = (channels: number): void => {
    const layer = add(layers.batchNormalization({ epsilon: BATCH_NORM.eps, momentum: 1 - BATCH_NORM.momentum }));
    const [scale, shift] = [next().values, next().values];
    const running = [new Float32Array(channels), new Float32Array(channels).fill(1)];
    setWeights(
      layer,
      [scale, shift, ...running].map((values) => [values, [channels]] as const),
    );
  };
  const dropout = (): void => {
    dropouts.push(add(layers.dropout({ rate: 0 })));
  };
  /** A dense weight `[out, in]` as tfjs's `[in, out]`. */
  const dense = (inputs: number, units: number, activation: string, kernel: Float32Array): void => {
    const layer = add(layers.dense({ units, activation }));
    const transposed = permute(kernel, [units, inputs], [1, 0]);
    setWeights(layer, [
      [transposed, [inputs, units]],
      [next().values, [units]],
    ]);
  };

  for (const [i, { inputs, outputs, side }] of CONVOLUTIONS.entries()) {
    const shape = i === 0 ? { inputShape: [side, side, inputs] } : {};
    const options = { filters: outputs, kernelSize: 3, padding: 'same', activation: 'relu', ...shape };
    const layer = add(layers.conv2d(options));
    const kernel = next();
    setWeights(layer, [
      [permute(kernel.values, kernel.shape, [2, 3, 1, 0]), [3, 3, inputs, outputs]],
      [next().values, [outputs]],
    ]);
    batchNorm(outputs);
    if (i % 2 === 0) continue;
    add(layers.maxPooling2d({ poolSize: 2 }));
    dropout();
  }
  add(layers.flatten({}));
  for (const [i, { inputs, outputs }] of DENSE.entries()) {
    const { values } = next();
    // Flattening gives [7, 7, 64] where PyTorch's order is [64, 7, 7].
    const kernel = i === 0 ? permute(values, [outputs, 64, 7, 7], [0, 2, 3, 1]) : values;
    dense(inputs, outputs, 'relu', kernel);
    batchNorm(outputs);
    dropout();
  }
  dense(DENSE[1].outputs, CLASSES, 'linear', next().values);
  return { model, dropouts };
}

export function stepNetwork({ batch, images, labels, weights }: StepInputs): StepNetwork {
  const { model, dropouts } = build(weights);
  const x = tf.tensor(images, [batch, 28, 28, 1]);
  const y = tf.tensor(oneHot(labels, CLASSES), [batch, CLASSES]);
  const optimizer = tf.train.adam(ADAM.lr, ADAM.beta1, ADAM.beta2, ADAM.eps);
  const variables = model.trainableWeights.map(({ val }) => val);
  let latest: tf.Tensor | null = null;
  return {
    run: () => {
      latest?.dispose();
      const loss = (): tf.Tensor => tf.losses.softmaxCrossEntropy(y, model.apply(x, { training: true }));
      latest = optimizer.minimize(loss, true, variables);
    },
    finish,
    async loss() {
      if (!latest) throw new Error('tfjs: no step has run');
      return (await latest.data())[0];
    },
    enableDropout: () => {
      dropouts.forEach((layer, i) => {
        layer.rate = DROPOUT[i < 2 ? 0 : 1];
      });
    },
    dispose: () => {
      tf.dispose([x, y, ...(latest ? [latest] : [])]);
      optimizer.dispose();
      model.dispose();
    },
  };
}
