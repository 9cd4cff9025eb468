import { describe, expect, it } from 'vitest';
import { dataset, loader, type DatasetInit } from '../../src/data';
import type { HostData } from '../../src/tensor/create/host-data';
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
  it.each<[string, HostData, number[]]>([
    ['Float32Array', Float32Array.of(0.5, 1.75, -2.875), [0.5, 1.75, -2.875]],
    ['Float64Array', Float64Array.of(0.5, 1.75, -2.875), [0.5, 1.75, -2.875]],
    ['a plain array', [0.5, 1.75, -2.875], [0.5, 1.75, -2.875]],
    ['Float32Array of integers', Float32Array.of(1, 2, 3), [1, 2, 3]],
    ['a plain array with NaN', [1, NaN, 3], [1, NaN, 3]],
  ])('that are real stay what they are: %s', async (_, labels, values) => {
    expect(await given({ labels })).toMatchObject({ labels: values, dtype: 'float32' });
  });
  it.each<[string, readonly number[] | (ArrayLike<number> & Iterable<number> & ArrayBufferView)]>([
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
  ])('are refused %s', (_, init, message) => {
    expect(refusal(init)).toThrow(new RangeError(message));
  });
});

it('labels past int32 or float32 are refused', () => {
  expect(refusal({ labels: Uint32Array.of(0, 2 ** 31, 1) })).toThrow(/^dataset: labels: 2147483648 .* int32/);
  expect(refusal({ labels: [0.5, 1e300, 1] })).toThrow(/^dataset: labels: 1e\+300 .* float32/);
});

describe('inputs', () => {
  it.each<[string, readonly number[] | (ArrayLike<number> & Iterable<number> & ArrayBufferView)]>([
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
  it('may be rows', async () => {
    expect((await given({ inputs: [[1], [2.5], [3]] })).inputs).toEqual([1, 2.5, 3]);
  });
  it.each<[string, unknown, string]>([
    ['text', [1, 2, '3'], 'got a string'],
    ['a hole', [1, undefined, 3], 'got undefined'],
    ['a buffer', new ArrayBuffer(12), 'got an ArrayBuffer'],
    ['nothing', undefined, 'got undefined'],
  ])('are refused: %s', (_, inputs, got) => {
    const run = () => dataset({ inputs: inputs as HostData, shape: [1], labels: Uint8Array.of(0, 1, 2) });
    const message = `dataset: inputs: expected numbers in (nested) arrays, a typed array or an ImageData, ${got}`;
    expect(run).toThrow(new TypeError(message));
  });
  it('are refused where float32 would round an integer', () => {
    expect(refusal({ inputs: Int32Array.of(1, 2 ** 24 + 1, 3) })).toThrow(RangeError);
    expect(refusal({ inputs: Int32Array.of(1, 2 ** 24 + 1, 3) })).toThrow(
      /^dataset: inputs: 16777217 at .* cannot be held exactly by float32$/,
    );
  });
});
