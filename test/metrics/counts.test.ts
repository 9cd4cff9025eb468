import { beforeAll, describe, expect, it } from 'vitest';
import { accuracy, confusionMatrix, countCorrect } from '../../src/metrics';
import { tensor, zeros } from '../../src/tensor/create/create';
import type { Tensor } from '../../src/tensor/tensor';
import { testDevice } from '../support/device';
import { numbers } from '../support/optim';
import { afterReport } from '../support/reported';
import { ShapeError } from '../../src/tensor/shape';

beforeAll(testDevice);

const ints = (values: readonly number[]) => tensor(Int32Array.from(values));
const uints = (values: readonly number[]) => tensor(Uint32Array.from(values));

/** Logits `[n, classes]`, coarse so that some are equal, with the classes that they predict, and labels of which some fit. */
function problem(n: number, classes: number): { logits: Tensor; predicted: number[]; labels: number[] } {
  const data = numbers(n * classes, n).map((x) => Math.round(4 * x));
  const predicted = Array.from({ length: n }, (_, i) => {
    const row = data.subarray(i * classes, (i + 1) * classes);
    return row.indexOf(Math.max(...row));
  });
  const labels = predicted.map((p, i) => (i % 3 === 0 ? (p + i) % classes : p));
  return { logits: tensor(data, { shape: [n, classes] }), predicted, labels };
}

describe.each([
  [1, 1],
  [5, 3],
  [64, 10],
  [1000, 37],
])('%d examples of %d classes', (n, classes) => {
  const hitsOf = ({ predicted, labels }: ReturnType<typeof problem>) =>
    predicted.filter((p, i) => p === labels[i]).length;

  it('accuracy and hits', async () => {
    const given = problem(n, classes);
    const hits = hitsOf(given);
    for (const labels of [ints(given.labels), uints(given.labels)]) {
      for (const predicted of [given.logits, ints(given.predicted), uints(given.predicted)]) {
        const share = accuracy(predicted, labels);
        expect([share.dtype, share.shape]).toEqual(['float32', []]);
        expect(await share.item()).toBeCloseTo(hits / n, 6);
        expect(await countCorrect(predicted, labels).item()).toBe(hits);
      }
    }
  });

  it('confusion matrix', async () => {
    const given = problem(n, classes);
    const expected = new Array<number>(classes * classes).fill(0);
    given.labels.forEach((label, i) => expected[label * classes + given.predicted[i]]++);
    for (const predicted of [given.logits, ints(given.predicted)]) {
      const counts = confusionMatrix(predicted, ints(given.labels), classes);
      expect([counts.dtype, counts.shape]).toEqual(['int32', [classes, classes]]);
      expect([...(await counts.data())]).toEqual(expected);
    }
  });
});

describe('counters', () => {
  it('add up over batches', async () => {
    const { logits, labels, predicted } = problem(64, 10);
    for (const dtype of ['int32', 'uint32'] as const) {
      const hits = zeros([], { dtype });
      const counts = zeros([10, 10], { dtype });
      for (let batch = 0; batch < 3; batch++) {
        expect(countCorrect(logits, ints(labels), hits)).toBe(hits);
        expect(confusionMatrix(logits, ints(labels), 10, counts)).toBe(counts);
      }
      expect(await hits.item()).toBe(3 * predicted.filter((p, i) => p === labels[i]).length);
      expect(Array.from(await counts.data()).reduce((a, b) => a + b, 0)).toBe(3 * 64);
    }
  });
});

describe('labels and predictions that are no class', () => {
  const logits = () =>
    tensor([
      [1, 2],
      [3, 1],
      [0, 1],
      [5, 4],
    ]);
  it('are ignored, but for the confusion matrix, which reports them', async () => {
    const labels = ints([1, 1, -1, 2]);
    expect(await accuracy(logits(), labels).item()).toBe(0.5);
    expect(await countCorrect(logits(), labels).item()).toBe(1);
    const report = 'confusionMatrix: expected labels and predictions in [0, 2), got ';
    expect([...(await afterReport(confusionMatrix(logits(), labels, 2), `${report}-1`))]).toEqual([0, 0, 1, 1]);
    expect(await accuracy(ints([-1, 7]), ints([-1, 7])).item()).toBe(1);
    const matrix = confusionMatrix(ints([2, -5, 0]), ints([0, 1, 0]), 2);
    expect([...(await afterReport(matrix, `${report}-5`))]).toEqual([1, 0, 0, 0]);
  });
  it('give an accuracy of 0 where nothing else is left', async () => {
    expect(await accuracy(logits(), ints([-1, 2, 9, -100])).item()).toBe(0);
  });
});

describe('ties and unusual logits', () => {
  it('take the first of the largest, and NaN as the largest', async () => {
    const rows = [
      [-0, 0, -1],
      [2, 3, 3],
      [-Infinity, -5, -Infinity],
      [1, NaN, Infinity],
      [-3, -2, -1e-45],
    ];
    const counts = confusionMatrix(tensor(rows), ints([0, 0, 0, 0, 0]), 3);
    expect([...(await counts.data())].slice(0, 3)).toEqual([1, 3, 1]);
  });
  it('count all hits as exactly 1', async () => {
    for (const n of [3, 49, 107]) expect(await accuracy(zeros([n, 4]), zeros([n], { dtype: 'int32' })).item()).toBe(1);
  });
});

describe('errors', () => {
  const labels = () => ints([0, 1]);
  it('name shapes and types', () => {
    const refusal = (run: () => unknown, kind: new (message: string) => Error, message: string) => {
      expect(run).toThrow(kind);
      expect(run).toThrow(message);
    };
    refusal(
      () => accuracy(zeros([2]), labels()),
      TypeError,
      'accuracy: expected predicted to be float32 logits [N, C] or int32 or uint32 classes [N], got float32 [2]',
    );
    refusal(() => accuracy(zeros([2, 2, 2]), labels()), ShapeError, 'got float32 [2, 2, 2]');
    refusal(
      () => countCorrect(zeros([3, 4]), labels()),
      ShapeError,
      'countCorrect: expected labels to be int32 or uint32 [3], got int32 [2]',
    );
    refusal(() => countCorrect(zeros([2, 4]), zeros([2])), TypeError, 'got float32 [2]');
    refusal(
      () => countCorrect(zeros([2, 4]), labels(), zeros([])),
      TypeError,
      'countCorrect: expected into to be int32 or uint32 [], got float32 []',
    );
    refusal(
      () => confusionMatrix(zeros([2, 4]), labels(), 3),
      ShapeError,
      'confusionMatrix: expected logits [N, 3] for 3 classes, got [2, 4]',
    );
    refusal(
      () => confusionMatrix(labels(), labels(), 3, zeros([3], { dtype: 'int32' })),
      ShapeError,
      'confusionMatrix: expected into to be int32 or uint32 [3, 3], got int32 [3]',
    );
  });
});
