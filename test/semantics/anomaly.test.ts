import { beforeAll, describe, expect, it } from 'vitest';
import {
  AnomalyError,
  add,
  capture,
  detectAnomaly,
  div,
  exp,
  log,
  max,
  mul,
  ones,
  relu,
  sqrt,
  sum,
  tensor,
  zeros,
  type Tensor,
} from '../../src';
import { testDevice } from '../support/device';

beforeAll(testDevice);

const leaf = (...values: number[]): Tensor => tensor(values, { requiresGrad: true });

async function messageOf(run: () => unknown): Promise<string> {
  const error: unknown = await detectAnomaly(run).then(
    () => expect.fail('nothing was found'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof AnomalyError)) expect.fail(String(error));
  return error.message;
}

/** Called by name, so that its line is known. */
function faultyLine(x: Tensor): Tensor {
  return log(x);
}

describe('detectAnomaly', () => {
  it.each<[string, () => unknown, string]>([
    [
      'NaN, forward',
      () => log(leaf(1, -1)),
      'the forward pass of log made a NaN or an infinity\n  input 0 [2]: from -1 to 1, 0 of 2 NaN or infinite',
    ],
    [
      'infinity, forward',
      () => exp(tensor([[2, 1000, -3]])),
      'the forward pass of exp made a NaN or an infinity\n  input 0 [1, 3]: from -3 to 1000, 0 of 3',
    ],
    ['-infinity', () => log(zeros([5])), 'of log made a NaN or an infinity\n  input 0 [5]: from 0 to 0, 0 of 5'],
    [
      'the first of several',
      () => {
        sqrt(div(log(tensor([0])), 0));
      },
      'the forward pass of log',
    ],
    [
      'an input that is none',
      () => relu(tensor([NaN, 2, Infinity])),
      'the forward pass of relu made a NaN or an infinity\n  input 0 [3]: from 2 to 2, 2 of 3',
    ],
    ['all inputs that are none', () => relu(tensor([NaN])), 'input 0 [1]: no finite number, 1 of 1'],
    [
      'one of two inputs',
      () => div(tensor([1, -2]), tensor([4, 0])),
      'input 0 [2]: from -2 to 1, 0 of 2 NaN or infinite\n  input 1 [2]: from 0 to 4, 0 of 2',
    ],
    [
      'one behind 4096 others',
      () => exp(tensor(new Float32Array(4099).fill(1).fill(100, 4098))),
      'input 0 [4099]: from 1 to 100, 0 of 4099',
    ],
    [
      'backward alone',
      () => {
        sum(sqrt(leaf(4, 0))).backward();
      },
      'the backward pass of sqrt made a NaN or an infinity\n  gradient [2]: from 1 to 1, 0 of 2',
    ],
    [
      'backward of a rule that runs other ops',
      () => {
        const x = leaf(3e38, 1);
        mul(max(x), 1e10 ** 0).backward({ gradient: tensor(Infinity) });
      },
      'the backward pass of mul',
    ],
  ])('finds %s', async (_, run, message) => {
    expect(await messageOf(run)).toContain(message);
    expect(await ones([1]).item()).toBe(1);
  });
  it('names the line that called the op, in both passes', async () => {
    expect(await messageOf(() => faultyLine(leaf(-1)))).toMatch(/called by\n.*faultyLine.*anomaly\.test/);
    expect(
      await messageOf(() => {
        sum(sqrt(mul(faultyLine(leaf(1)), 1))).backward();
      }),
    ).toMatch(/backward pass of sqrt[^]*anomaly\.test/);
  });
  it('is silent where all is well, and gives the result on', async () => {
    const w = leaf(1, -3e38);
    const loss = await detectAnomaly(async () => {
      const y = sum(mul(relu(w), 2));
      y.backward();
      return await y.item();
    });
    expect(loss).toBe(2);
    expect([...((await w.grad?.data()) ?? [])]).toEqual([2, 0]);
  });
  it('looks at nothing outside', async () => {
    await detectAnomaly(() => undefined);
    expect(await log(tensor([-1])).item()).toBeNaN();
    await expect(
      detectAnomaly(() => {
        throw new RangeError('of its own');
      }),
    ).rejects.toThrow('of its own');
    expect(await log(tensor([-1])).item()).toBeNaN();
  });
  it('is thrown by a readback inside', async () => {
    await detectAnomaly(async () => {
      const y = add(log(leaf(-1)), 1);
      await expect(y.data()).rejects.toThrow('the forward pass of log');
      expect(await y.item()).toBeNaN();
    });
  });
  it('watches a captured step, also later, the first time that it fails', async () => {
    const w = leaf(1);
    const run = (x: Tensor) => {
      const y = exp(sqrt(mul(x, w)));
      y.backward();
      w.grad = null;
      return y;
    };
    const plain = capture(run);
    const step = await detectAnomaly(async () => {
      const watched = capture(run);
      expect(await watched(tensor([4])).item()).toBeCloseTo(Math.exp(2), 4);
      return watched;
    });
    expect(await step(tensor([9])).item()).toBeCloseTo(Math.exp(3), 3);
    // First its backward pass at 0, then its forward pass below: the first in time counts.
    step(tensor([0]));
    step(tensor([-1]));
    await expect(step(tensor([-1])).item()).rejects.toThrow(
      'the backward pass of sqrt made a NaN or an infinity\n  gradient [1]: from 1 to 1',
    );
    await expect(step(tensor([-1])).item()).rejects.toThrow(
      'the forward pass of sqrt made a NaN or an infinity\n  input 0 [1]: from -1 to -1',
    );
    expect(await step(tensor([4])).item()).toBeCloseTo(Math.exp(2), 4);
    expect(await plain(tensor([-1])).item()).toBeNaN();
    step.dispose();
    plain.dispose();
  });
});
