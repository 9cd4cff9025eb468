import { beforeAll, describe, expect, it } from 'vitest';
import { gradcheck } from '../../../src/autograd/gradcheck/gradcheck';
import { logSoftmax, softmax } from '../../../src/ops/softmax/softmax';
import { rand, randn, tensor } from '../../../src/tensor/create/create';
import { sizeOf, type Shape } from '../../../src/tensor/shape';
import { expectClose, expectNumbersClose } from '../../support/compare';
import { testDevice } from '../../support/device';
import { numbers } from '../../support/numbers';
import { indicesOf, placeOf } from '../../support/reference/indexing';
import { logSoftmaxReference } from '../../support/reference/softmax';

beforeAll(testDevice);

// The rows of 5000 and 10000 are served by a workgroup each.
const CASES: [Shape, number][] = [
  [[7, 10], -1],
  [[1, 1], 1],
  [[3, 4, 5], 0],
  [[3, 4, 5], -2],
  [[2, 2000], 1],
  [[3, 10000], 1],
  [[2, 5000, 3], 1],
];

describe.each(CASES)('softmax of %j along %i', (shape, axis) => {
  const positive = axis < 0 ? axis + shape.length : axis;
  const data = numbers(sizeOf(shape), 1).map((v) => 6 * v);
  const logs = logSoftmaxReference(data, shape, positive);

  it('agrees with float64', async () => {
    const x = tensor(data, { shape });
    await expectClose('softmax', softmax(x, axis), { shape, data: logs.map(Math.exp) }, { atol: 1e-9, rtol: 1e-5 });
    await expectClose('logSoftmax', logSoftmax(x, axis), { shape, data: logs }, { atol: 2e-6, rtol: 1e-6 });
  });

  it('has the gradients', async () => {
    const upstream = numbers(data.length, 2);
    const outer = shape.filter((_, k) => k !== positive);
    const sums = new Float64Array(sizeOf(outer));
    const weighted = new Float64Array(sizeOf(outer));
    const rows = indicesOf(shape).map((index) =>
      placeOf(
        index.filter((_, k) => k !== positive),
        outer,
      ),
    );
    rows.forEach((row, i) => {
      sums[row] += upstream[i];
      weighted[row] += upstream[i] * Math.exp(logs[i]);
    });
    const gradient = tensor(upstream, { shape });
    const gradOf = (rule: typeof softmax): Promise<ArrayLike<number>> => {
      const x = tensor(data, { shape, requiresGrad: true });
      rule(x, axis).backward({ gradient });
      return (x.grad ?? gradient).data();
    };
    expectNumbersClose(
      'softmax',
      await gradOf(softmax),
      rows.map((row, i) => Math.exp(logs[i]) * (upstream[i] - weighted[row])),
      { atol: 1e-6 },
    );
    expectNumbersClose(
      'logSoftmax',
      await gradOf(logSoftmax),
      rows.map((row, i) => upstream[i] - Math.exp(logs[i]) * sums[row]),
      { atol: 1e-6 },
    );
  });
});

describe('softmax', () => {
  it('is stable at ±1e4', async () => {
    const data = [1e4, 1e4 - 1, -1e4, -1e4, -1e4 + 2, -1e4];
    const logs = logSoftmaxReference(data, [2, 3], 1);
    const x = tensor(data, { shape: [2, 3] });
    await expectClose('softmax', softmax(x), { shape: [2, 3], data: logs.map(Math.exp) }, { atol: 1e-30 });
    await expectClose('logSoftmax', logSoftmax(x), { shape: [2, 3], data: logs }, { rtol: 2e-6 });
  });

  it.each(['softmax', 'logSoftmax'])('%s passes the finite-difference check', async (name) => {
    const rule = name === 'softmax' ? softmax : logSoftmax;
    for (const axis of [0, 1]) await gradcheck((x) => rule(x, axis), [randn([4, 5], { requiresGrad: true })], { name });
  });

  it('says what does not fit', () => {
    expect(() => softmax(rand([2, 3]), 2)).toThrow('softmax: axis 2 is out of range for a tensor of 2 axes');
    expect(() => logSoftmax(tensor(new Int32Array(2)) as never)).toThrow(
      new TypeError('logSoftmax: expected float32, got int32'),
    );
  });
});
