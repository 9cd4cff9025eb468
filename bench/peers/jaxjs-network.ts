import { lax, nn, numpy as np, random, type Array as JaxArray } from '@jax-js/jax';
import { BATCH_NORM, CONVOLUTIONS, DENSE, DROPOUT } from '../network';

/** Dropouts of a step: after each pair of convolutions and after each dense layer. */
export const DROPOUTS = [DROPOUT[0], DROPOUT[0], DROPOUT[1], DROPOUT[1]] as const;

/** Shapes of the running means and variances, in the order in which `lossOf` gives their news. */
export const STATISTICS: readonly (readonly number[])[] = [
  ...CONVOLUTIONS.map(({ outputs }) => [1, outputs, 1, 1]),
  ...DENSE.map(({ outputs }) => [1, outputs]),
].flatMap((shape) => [shape, shape]);

/** Weights, taken one after the other by the layers. */
class Forward {
  readonly statistics: JaxArray[] = [];
  readonly #weights: JaxArray[];
  #dropouts = 0;

  constructor(
    weights: readonly JaxArray[],
    readonly keys: JaxArray,
    readonly keeps: JaxArray,
  ) {
    this.#weights = [...weights];
  }

  #take(count: 2 | 4): JaxArray[] {
    return this.#weights.splice(0, count);
  }

  #batchNorm(x: JaxArray, scale: JaxArray, shift: JaxArray): JaxArray {
    const axes = x.shape.length === 4 ? [0, 2, 3] : [0];
    const shape = x.shape.map((size, axis) => (axis === 1 ? size : 1));
    const mean = np.mean(x.ref, axes, { keepdims: true });
    const centred = x.sub(mean.ref);
    const variance = np.mean(np.square(centred.ref), axes, { keepdims: true });
    this.statistics.push(mean, variance.ref);
    const normal = centred.div(np.sqrt(variance.add(BATCH_NORM.eps)));
    return normal.mul(scale.reshape(shape)).add(shift.reshape(shape));
  }

  conv(x: JaxArray): JaxArray {
    const [weight, bias, scale, shift] = this.#take(4);
    const out = lax.convGeneralDilated(x, weight, [1, 1], 'SAME').add(bias.reshape([1, -1, 1, 1]));
    return this.#batchNorm(nn.relu(out), scale, shift);
  }

  dense(x: JaxArray): JaxArray {
    const [weight, bias, scale, shift] = this.#take(4);
    return this.#batchNorm(nn.relu(np.matmul(x, weight.transpose()).add(bias)), scale, shift);
  }

  logits(x: JaxArray): JaxArray {
    const [weight, bias] = this.#take(2);
    return np.matmul(x, weight.transpose()).add(bias);
  }

  /** Windows of 2x2. jax-js takes the gradient of this as of any maximum. */
  pool(x: JaxArray): JaxArray {
    const [batch, channels, height, width] = x.shape;
    return np.max(x.reshape([batch, channels, height / 2, 2, width / 2, 2]), [3, 5]);
  }

  /** The fractions that remain are an input, so that the same compiled step can run without dropout. */
  dropout(x: JaxArray): JaxArray {
    const i = this.#dropouts++;
    const keep = this.keeps.ref.slice(i);
    const kept = random.bernoulli(this.keys.ref.slice(i), keep.ref, x.shape);
    return np.where(kept, x.div(keep), 0);
  }
}

/** The loss of a batch, and the means and variances of each BatchNorm. */
export function lossOf(
  weights: readonly JaxArray[],
  images: JaxArray,
  oneHot: JaxArray,
  keys: JaxArray,
  keeps: JaxArray,
): [JaxArray, JaxArray[]] {
  const forward = new Forward(weights, keys, keeps);
  let x = images;
  for (let pair = 0; pair < 2; pair++) {
    x = forward.conv(forward.conv(x));
    x = forward.dropout(forward.pool(x));
  }
  x = x.reshape([x.shape[0], -1]);
  for (let i = 0; i < 2; i++) x = forward.dropout(forward.dense(x));
  const logProbabilities = nn.logSoftmax(forward.logits(x));
  keys.dispose();
  keeps.dispose();
  const loss = np.mean(np.sum(logProbabilities.mul(oneHot), -1)).neg();
  return [loss, forward.statistics];
}
