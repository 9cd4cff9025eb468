import { describe, expect, it } from 'vitest';
import { dataset, loader, type DatasetInit, type HostArray } from '../../src/data';
import { testDevice } from '../support/device';

await testDevice();

/** What a network is given: the inputs and labels of the one batch. */
async function given(init: Partial<DatasetInit>): Promise<{ inputs: number[]; labels: number[]; dtype: string }> {
  const set = dataset({ inputs: new Float32Array(3), shape: [1], labels: Uint8Array.of(0, 1, 2), ...init });
  for await (const [inputs, labels] of loader(set, { batchSize: set.count })) {
    return { inputs: [...(await inputs.data())], labels: [...(await labels.data())], dtype: labels.dtype };
  }
  throw new Error('no batch');
}

const refusal = (init: Partial<DatasetInit>) => () =>
  dataset({ inputs: new Float32Array(3), shape: [1], labels: Uint8Array.of(0, 1, 2), ...init });

describe('labels', () => {
  it.each<[string, HostArray, number[]]>([
    ['Float32Array', Float32Array.of(0.5, 1.75, -2.875), [0.5, 1.75, -2.875]],
    ['Float64Array', Float64Array.of(0.5, 1.75, -2.875), [0.5, 1.75, -2.875]],
    ['a plain array', [0.5, 1.75, -2.875], [0.5, 1.75, -2.875]],
    ['Float32Array of integers', Float32Array.of(1, 2, 3), [1, 2, 3]],
    ['a plain array with NaN', [1, NaN, 3], [1, NaN, 3]],
  ])('that are real stay what they are: %s', async (_, labels, values) => {
    expect(await given({ labels })).toMatchObject({ labels: values, dtype: 'float32' });
  });
  it.each<[string, HostArray]>([
    ['Uint8Array', Uint8Array.of(3, 1, 255)],
    ['Int8Array', Int8Array.of(3, 1, 127)],
    ['Uint16Array', Uint16Array.of(3, 1, 65535)],
    ['Uint32Array', Uint32Array.of(3, 1, 2 ** 31 - 1)],
    ['Int32Array', Int32Array.of(3, 1, 2 ** 31 - 1)],
    ['a plain array', [3, 1, 2]],
  ])('that are class indices are int32: %s', async (_, labels) => {
    expect(await given({ labels })).toMatchObject({ labels: [...labels], dtype: 'int32' });
  });
  it.each<[string, Partial<DatasetInit>, string]>([
    [
      'below 0',
      { labels: Int32Array.of(1, -1, 2) },
      'dataset: label -1 at index 1 is out of range: a label is a class index, expected labels from 0 to 2147483647',
    ],
    [
      'outside the classes (letters from 1 to 26)',
      { labels: Uint8Array.of(1, 26, 2), classes: 26 },
      'dataset: label 26 at index 1 is out of range: there are 26 classes, expected labels from 0 to 25',
    ],
    [
      'past int32',
      { labels: Uint32Array.of(0, 2 ** 31, 1) },
      'dataset: labels: 2147483648 at index 1 does not fit in int32',
    ],
    ['past float32', { labels: [0.5, 1e300, 1] }, 'dataset: labels: 1e+300 at index 1 does not fit in float32'],
  ])('are refused %s', (_, init, message) => {
    expect(refusal(init)).toThrow(new RangeError(message));
  });
});

describe('inputs', () => {
  it.each<[string, HostArray]>([
    ['a plain array', [1, -2.5, 3]],
    ['Float64Array', Float64Array.of(1, -2.5, 3)],
    ['Int8Array', Int8Array.of(1, -2, 3)],
    ['Int16Array', Int16Array.of(1, -300, 3)],
    ['Uint16Array', Uint16Array.of(1, 65535, 3)],
    ['Int32Array', Int32Array.of(1, -(2 ** 24), 3)],
    ['Uint32Array', Uint32Array.of(1, 2 ** 31, 3)],
  ])('of %s are their numbers', async (_, inputs) => {
    expect((await given({ inputs })).inputs).toEqual([...inputs]);
  });
  it('of a canvas (Uint8ClampedArray) are bytes', async () => {
    expect((await given({ inputs: Uint8ClampedArray.of(0, 255, 0) })).inputs).toEqual([0, 1, 0]);
  });
  it('of floats are normalised by mean and std, too', async () => {
    const inputs = Float32Array.of(1, 2, 4);
    // (x - 2) / 0.5
    expect((await given({ inputs, mean: 2, std: 0.5 })).inputs).toEqual([-2, 0, 4]);
    expect([...inputs]).toEqual([1, 2, 4]);
  });
  it('may be NaN and infinite', async () => {
    expect((await given({ inputs: [NaN, Infinity, -Infinity] })).inputs).toEqual([NaN, Infinity, -Infinity]);
  });
  it.each<[string, unknown, string]>([
    ['rows', [[1], [2], [3]], 'expected a flat array of numbers, got an array at index 0'],
    ['text', [1, 2, '3'], 'expected a flat array of numbers, got a string at index 2'],
    ['a hole', [1, , 3], 'expected a flat array of numbers, got undefined at index 1'],  
    [
      'bigints',
      BigInt64Array.of(1n, 2n, 3n),
      'expected a typed array of numbers or a flat array of numbers, got BigInt64Array',
    ],
    ['a buffer', new ArrayBuffer(12), 'expected a typed array of numbers or a flat array of numbers, got ArrayBuffer'],
    ['nothing', undefined, 'expected a typed array of numbers or a flat array of numbers, got undefined'],
  ])('are refused: %s', (_, inputs, message) => {
    const run = () => dataset({ inputs: inputs as HostArray, shape: [1], labels: Uint8Array.of(0, 1, 2) });
    expect(run).toThrow(new TypeError(`dataset: inputs: ${message}`));
  });
  it('are refused where float32 would round an integer', () => {
    expect(refusal({ inputs: Int32Array.of(1, 2 ** 24 + 1, 3) })).toThrow(
      new RangeError('dataset: inputs: 16777217 at index 1 does not fit in float32'),
    );
  });
});
