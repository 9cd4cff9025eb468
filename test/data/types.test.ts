import { beforeAll, describe, expectTypeOf, it } from 'vitest';
import { data, tensor, type Tensor } from 'wgrad';
import { testDevice } from '../support/device';

beforeAll(testDevice);

/** A loop over the loader, which is not begun. */
const loop = <B>(loader: AsyncIterable<B>): AsyncIterator<B> => loader[Symbol.asyncIterator]();
const batchSize = 2;

describe('types of data', () => {
  it('a batch has a tensor for each field', () => {
    const ids = Int32Array.of(1, 2, 3);
    const three = data.loader(data.dataset(ids, [0.5, 1, 2], tensor([[1], [2], [3]])), { batchSize });
    expectTypeOf(loop(three)).toEqualTypeOf<AsyncIterator<[Tensor<'int32'>, Tensor, Tensor]>>();
    expectTypeOf(three.batch(Uint32Array.of(0))).toEqualTypeOf<[Tensor<'int32'>, Tensor, Tensor]>();
    const one = data.loader(data.dataset({ data: ids, shape: [1], dtype: 'int32' }), { batchSize });
    expectTypeOf(loop(one)).toEqualTypeOf<AsyncIterator<[Tensor<'int32'>]>>();
    const part = data.loader(data.subset(data.dataset(ids, ids), [0]), { batchSize });
    expectTypeOf(loop(part)).toEqualTypeOf<AsyncIterator<[Tensor<'int32'>, Tensor<'int32'>]>>();
    const labelled = data.loader(data.dataset({ inputs: ids, shape: [1], labels: ids }), { batchSize });
    const any: data.Loader = labelled;
    expectTypeOf(any.dataset.labels).toEqualTypeOf<Uint8Array | Int32Array | Float32Array>();
    expectTypeOf(loop(labelled)).toEqualTypeOf<AsyncIterator<[inputs: Tensor, labels: Tensor<'int32'>]>>();
    expectTypeOf(labelled.dataset.labels).toEqualTypeOf<Uint8Array | Int32Array>();
    const real = data.loader(data.dataset({ inputs: ids, shape: [1], labels: new Float32Array(3) }), { batchSize });
    expectTypeOf(real.dataset.labels).toEqualTypeOf<Float32Array>();
    expectTypeOf(real.batch(Uint32Array.of(0))[1].data()).toEqualTypeOf<Promise<Float32Array>>();
  });
  it('of examples from functions, too', () => {
    const pair = (i: number) => [new Float32Array(3), i] as const;
    const indexed = data.loader(data.dataset({ count: 3, example: pair }), { batchSize });
    expectTypeOf(loop(indexed)).toEqualTypeOf<AsyncIterator<[Tensor, Tensor]>>();
    const later = data.loader(data.dataset({ count: 3, example: async (i) => [i, i, await Promise.resolve(i)] }), {
      batchSize,
    });
    expectTypeOf(loop(later)).toEqualTypeOf<AsyncIterator<[Tensor, Tensor, Tensor]>>();
    const stream = data.loader(
      data.dataset(function* () {
        yield [new Float32Array(3), 1];
      }),
      { batchSize },
    );
    expectTypeOf(loop(stream)).toEqualTypeOf<AsyncIterator<[Tensor, Tensor]>>();
    const asyncStream = data.loader(
      data.dataset(async function* (epoch) {
        yield await Promise.resolve(new Float32Array(epoch));
      }),
      { batchSize: null },
    );
    expectTypeOf(loop(asyncStream)).toEqualTypeOf<AsyncIterator<[Tensor]>>();
  });
  it('of what collate returns', () => {
    const texts = data.dataset({ count: 2, example: (i) => ({ text: ['ab', 'c'][i] ?? '', label: i }) });
    const batches = data.loader(texts, {
      batchSize,
      collate: (examples) => {
        expectTypeOf(examples).toEqualTypeOf<{ readonly text: string; readonly label: number }[]>();
        return [examples.map(({ text }) => text.length), { data: examples.map((e) => e.label), dtype: 'int32' }];
      },
    });
    expectTypeOf(loop(batches)).toEqualTypeOf<AsyncIterator<[Tensor, Tensor<'int32'>]>>();
  });
});
