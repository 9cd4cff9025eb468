import { beforeAll, describe, expectTypeOf, it } from 'vitest';
import * as wgrad from 'wgrad';
import { capture, data, metrics, nn, tensor, zeros, type DType, type HostData, type Tensor } from 'wgrad';
import { testDevice } from '../support/device';

beforeAll(testDevice);

describe('the dtype of a tensor', () => {
  it('is that of the data, or what is asked for', () => {
    expectTypeOf(tensor([1, 2])).toEqualTypeOf<Tensor>();
    expectTypeOf(tensor([[1], [2]])).toEqualTypeOf<Tensor>();
    expectTypeOf(tensor(3)).toEqualTypeOf<Tensor>();
    expectTypeOf(tensor(new Float64Array(2))).toEqualTypeOf<Tensor>();
    expectTypeOf(tensor(new Uint8Array(2))).toEqualTypeOf<Tensor>();
    expectTypeOf(tensor(Int32Array.of(1))).toEqualTypeOf<Tensor<'int32'>>();
    expectTypeOf(tensor([Int32Array.of(1)])).toEqualTypeOf<Tensor<'int32'>>();
    expectTypeOf(tensor([[Uint32Array.of(1)]])).toEqualTypeOf<Tensor<'uint32'>>();
    expectTypeOf(tensor([1], { dtype: 'int32' })).toEqualTypeOf<Tensor<'int32'>>();
    expectTypeOf(tensor(Int32Array.of(1), { dtype: 'float32' })).toEqualTypeOf<Tensor>();
    expectTypeOf(tensor([1], { requiresGrad: true })).toEqualTypeOf<Tensor>();
    const options: wgrad.TensorOptions = {};
    expectTypeOf(tensor([1], options)).toEqualTypeOf<Tensor<DType>>();
    expectTypeOf(tensor as (data: HostData) => unknown).toBeCallableWith([1]);
  });
  it('of created tensors is float32 unless asked for', () => {
    expectTypeOf(zeros([2])).toEqualTypeOf<Tensor>();
    expectTypeOf(zeros(2, 3)).toEqualTypeOf<Tensor>();
    expectTypeOf(zeros([2], { dtype: 'uint32' })).toEqualTypeOf<Tensor<'uint32'>>();
    expectTypeOf(zeros(2, 3, { dtype: 'int32' })).toEqualTypeOf<Tensor<'int32'>>();
    expectTypeOf(wgrad.full([2], 1, { dtype: 'int32' })).toEqualTypeOf<Tensor<'int32'>>();
    expectTypeOf(wgrad.arange(0, 3, 1, { dtype: 'int32' })).toEqualTypeOf<Tensor<'int32'>>();
    expectTypeOf(wgrad.eye(2)).toEqualTypeOf<Tensor>();
    expectTypeOf(wgrad.randn([2])).toEqualTypeOf<Tensor>();
    // @ts-expect-error What it is used for does not make it another dtype.
    const ints: Tensor<'int32'> = zeros([2]);
    ints.dispose();
  });
  it('passes through split(), with as many pieces as sizes that are written out', () => {
    const [x, sizes]: [Tensor<'int32'>, number[]] = [zeros([4], { dtype: 'int32' }), [1, 3]];
    expectTypeOf(wgrad.split(x, [1, 3])).toEqualTypeOf<[Tensor<'int32'>, Tensor<'int32'>]>();
    expectTypeOf(wgrad.split(x, sizes)).toEqualTypeOf<Tensor<'int32'>[]>();
    expectTypeOf(wgrad.split(x, 2)).toEqualTypeOf<Tensor<'int32'>[]>();
  });
  it('types data() and item()', () => {
    expectTypeOf(zeros([2]).data()).toEqualTypeOf<Promise<Float32Array>>();
    expectTypeOf(zeros([2], { dtype: 'int32' }).data()).toEqualTypeOf<Promise<Int32Array>>();
    expectTypeOf(zeros([2], { dtype: 'uint32' }).data()).toEqualTypeOf<Promise<Uint32Array>>();
    expectTypeOf(zeros([]).item()).toEqualTypeOf<Promise<number>>();
    expectTypeOf(
      zeros([2])
        .data()
        .then((d) => d.reduce((sum, x) => sum + x, 0)),
    ).toEqualTypeOf<Promise<number>>();
    expectTypeOf<Tensor>().toExtend<Tensor<DType>>();
    expectTypeOf<Tensor<'int32'>>().not.toExtend<Tensor>();
  });
});

describe('the dtype of a result', () => {
  const x = (): Tensor => zeros([2, 2]);
  const ints = (): Tensor<'int32'> => zeros([2, 2], { dtype: 'int32' });
  it('is kept by what only moves or adds up elements', () => {
    for (const kept of [
      () => wgrad.reshape(ints(), [4]),
      () => wgrad.flatten(ints()),
      () => wgrad.permute(ints(), [1, 0]),
      () => wgrad.transpose(ints()),
      () => wgrad.expand(ints(), [2, 2, 2]),
      () => wgrad.concat([ints(), ints()]),
      () => wgrad.stack([ints(), ints()]),
      () => wgrad.slice(ints(), [0], [1]),
      () => wgrad.pad(ints(), [[0, 0], [1, 1]]), // prettier-ignore
      () => wgrad.gather(ints(), 0, ints()),
      () => wgrad.embedding(ints(), ints()),
      () => wgrad.add(ints(), 1),
      () => wgrad.mul(2, ints()),
      () => wgrad.maximum(ints(), ints()),
      () => wgrad.neg(ints()),
      () => wgrad.sum(ints(), 0),
      () => wgrad.max(ints()),
      () => wgrad.where(x(), ints(), 0),
      () => ints().detach(),
    ]) {
      expectTypeOf(kept).returns.toEqualTypeOf<Tensor<'int32'>>();
    }
    expectTypeOf(wgrad.embedding(ints(), x())).toEqualTypeOf<Tensor>();
    expectTypeOf(wgrad.mul(x(), 2)).toEqualTypeOf<Tensor>();
  });
  it('is int32 of argmax and float32 of comparisons', () => {
    expectTypeOf(wgrad.argmax(x(), 1)).toEqualTypeOf<Tensor<'int32'>>();
    expectTypeOf(wgrad.eq(ints(), 1)).toEqualTypeOf<Tensor>();
    expectTypeOf(metrics.countCorrect(x(), wgrad.argmax(x(), 1))).toEqualTypeOf<Tensor<'int32'>>();
    expectTypeOf(metrics.accuracy(x(), wgrad.argmax(x(), 1))).toEqualTypeOf<Tensor>();
  });
});

describe('labels', () => {
  it('are int32, and float32 where the targets are', () => {
    const inputs = new Float32Array(2);
    const classes = data.loader(data.dataset({ inputs, shape: [1], labels: [0, 1] }), { batchSize: 2 });
    expectTypeOf(classes.batch(Uint32Array.of(0))).toEqualTypeOf<[inputs: Tensor, labels: Tensor<'int32'>]>();
    const targets = data.loader(data.dataset({ inputs, shape: [1], labels: inputs }), { batchSize: 2 });
    expectTypeOf(targets.batch(Uint32Array.of(0))[1].data()).toEqualTypeOf<Promise<Float32Array>>();
    expectTypeOf(targets.dataset.labels).toEqualTypeOf<Float32Array>();
  });
  it('may go into a captured step that calls all its inputs tensors', () => {
    const step = capture((images: Tensor, labels: Tensor) => nn.crossEntropy(images, labels));
    expectTypeOf(step).toBeCallableWith(zeros([2, 2]), zeros([2], { dtype: 'int32' }));
    expectTypeOf(step).returns.toEqualTypeOf<Tensor>();
    const strict = capture((ids: Tensor<'int32'>) => wgrad.sum(ids));
    expectTypeOf(strict).parameters.toEqualTypeOf<[ids: Tensor<'int32'>]>();
    expectTypeOf(strict).returns.toEqualTypeOf<Tensor<'int32'>>();
    const bare = capture((x, y) => nn.crossEntropy(wgrad.softmax(x, 1), y));
    expectTypeOf(bare).returns.toEqualTypeOf<Tensor>();
    bare.dispose();
    step.dispose();
    strict.dispose();
  });
});
