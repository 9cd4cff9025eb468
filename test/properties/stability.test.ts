import { beforeAll, describe, expect, it } from 'vitest';
import { crossEntropy, logSoftmax, nllLoss, softmax, sum, tensor, type Tensor } from 'wgrad';
import { expectNumbersClose } from '../support/compare';
import { testDevice } from '../support/device';
import { numbers } from '../support/numbers';
import { crossEntropyReference } from '../support/reference/losses';
import { logSoftmaxReference } from '../support/reference/softmax';

beforeAll(testDevice);

const HUGE = 1e4;

/** Rows of logits that overflow, vanish or cancel where exp is taken of them as they are. */
function logitsOf(length: number): Float32Array {
  const row = (f: (k: number) => number): number[] => Array.from({ length }, (_, k) => f(k));
  const drawn = numbers(length, 3);
  return Float32Array.from([
    ...row(() => HUGE),
    ...row(() => -HUGE),
    ...row((k) => (k === 1 ? HUGE : -HUGE)),
    ...row((k) => (k % 2 ? HUGE : -HUGE)),
    ...row((k) => HUGE * drawn[k]),
    ...row((k) => HUGE + 3 * drawn[k]),
    ...row((k) => -HUGE + 3 * drawn[k]),
  ]);
}

async function gradientOf(x: Tensor): Promise<ArrayLike<number>> {
  return x.grad ? x.grad.data() : expect.fail('no gradient');
}

// Long rows are served by a workgroup each.
describe.each([5, 5000])('rows of %i logits of ±1e4', (length) => {
  const data = logitsOf(length);
  const shape = [data.length / length, length];
  const logs = logSoftmaxReference(data, shape, 1);
  const leaf = () => tensor(data, { shape, requiresGrad: true });

  it('softmax and logSoftmax', async () => {
    expectNumbersClose('softmax', await softmax(leaf()).data(), logs.map(Math.exp), { atol: 1e-7, rtol: 1e-5 });
    expectNumbersClose('logSoftmax', await logSoftmax(leaf()).data(), logs, { atol: 3e-6, rtol: 1e-6 });
  });

  it('the gradients of softmax and logSoftmax', async () => {
    const upstream = numbers(data.length, 4);
    const gradient = tensor(upstream, { shape });
    const wanted = { softmax: new Float64Array(data.length), logSoftmax: new Float64Array(data.length) };
    for (let first = 0; first < data.length; first += length) {
      let [plain, weighted] = [0, 0];
      for (let i = first; i < first + length; i++) {
        plain += upstream[i];
        weighted += upstream[i] * Math.exp(logs[i]);
      }
      for (let i = first; i < first + length; i++) {
        wanted.softmax[i] = Math.exp(logs[i]) * (upstream[i] - weighted);
        wanted.logSoftmax[i] = upstream[i] - Math.exp(logs[i]) * plain;
      }
    }
    for (const [name, op] of Object.entries({ softmax, logSoftmax })) {
      const x = leaf();
      op(x).backward({ gradient });
      expectNumbersClose(name, await gradientOf(x), wanted[name as keyof typeof wanted], { atol: 1e-5, rtol: 1e-5 });
    }
  });

  it.each([0, 0.1])('crossEntropy with smoothing %d, and its gradient', async (labelSmoothing) => {
    const classes = Int32Array.from({ length: shape[0] }, (_, row) => row % 3);
    const { losses, slopes } = crossEntropyReference(data, shape, classes, labelSmoothing);
    const x = leaf();
    const loss = crossEntropy(x, tensor(classes), { labelSmoothing, reduction: 'none' });
    expectNumbersClose('losses', await loss.data(), losses, { atol: 3e-6, rtol: 2e-6 });
    sum(loss).backward();
    expectNumbersClose('gradient', await gradientOf(x), slopes, { atol: 1e-6, rtol: 1e-5 });
    if (labelSmoothing > 0) return;
    const apart = nllLoss(logSoftmax(leaf()), tensor(classes), { reduction: 'none' });
    expectNumbersClose('nllLoss of logSoftmax', await apart.data(), losses, { atol: 3e-6, rtol: 2e-6 });
  });
});
