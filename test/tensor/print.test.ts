import { inspect } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import * as nn from '../../src/nn';
import { fromSafetensors, readSafetensorsMetadata, toSafetensors } from '../../src/serialize';
import { full, ones, tensor, zeros } from '../../src/tensor/create/create';
import type { Tensor } from '../../src/tensor/tensor';
import { testDevice } from '../support/device';

let adapter: string;
beforeAll(async () => {
  const { info } = await testDevice();
  adapter = info.description || info.architecture || info.vendor || info.kind;
});

describe('console.log() of a tensor', () => {
  it('gives shape, dtype, device and, once they were read, the elements', async () => {
    const x = tensor([
      [1, 2.5],
      [3, 4],
    ]);
    expect(inspect(x)).toBe(`Tensor([2, 2], float32, ${adapter})`);
    const values = await x.data();
    values[0] = 7;
    expect(inspect(x)).toBe(`Tensor([2, 2], float32, ${adapter})\ntensor([[1, 2.5],\n        [3, 4]])`);
    x.write([5, 6, 7, 8]);
    expect(inspect(x)).toBe(`Tensor([2, 2], float32, ${adapter})`);
    expect(String(x)).toBe('Tensor([2, 2], float32)');
  });

  it('says what is particular, and remembers single elements but no large tensors', async () => {
    const x = full([], 3, { dtype: 'int32' });
    await x.item();
    expect(inspect(x)).toBe(`Tensor([], int32, ${adapter})\ntensor(3, int32)`);
    x.dispose();
    expect(inspect(x)).toBe(`Tensor([], int32, ${adapter}, freed)`);
    const large = zeros([65]);
    await large.data();
    expect(inspect(large)).toBe(`Tensor([65], float32, ${adapter})`);
    const model = nn.sequential(nn.linear(1, 1));
    expect(inspect(model.stateDict())).toBe(
      `{\n  '0.weight': Tensor('0.weight', [1, 1], float32, ${adapter}, requiresGrad),\n` +
        `  '0.bias': Tensor('0.bias', [1], float32, ${adapter}, requiresGrad)\n}`,
    );
  });
});

describe('console.log() of a model', () => {
  it('gives its layers with names and numbers of parameters, and the total', () => {
    class Scaled extends nn.Module {
      readonly body = nn.sequential(nn.linear(100, 50), nn.relu(), nn.linear(50, 10, { bias: false }));
      readonly scale = ones([1], { requiresGrad: true });
      override forward(x: Tensor): Tensor {
        return x;
      }
    }
    const model = new Scaled();
    model.body.layers[0].freeze();
    expect(inspect(model)).toBe(
      [
        'Scaled',
        '          Scaled()                                                 1',
        '  body.0  Linear(in_features=100, out_features=50, bias=True)  5,050',
        '  body.1  ReLU()                                                   0',
        '  body.2  Linear(in_features=50, out_features=10, bias=False)    500',
        '5,551 parameters (501 trained, 5,050 frozen)',
      ].join('\n'),
    );
    expect(inspect(nn.relu())).toBe('ReLU\n    ReLU()  0\n0 parameters');
  });

  it('counts tied weights once', () => {
    const layer = nn.linear(2, 2, { bias: false });
    const tied = nn.linear(2, 2, { bias: false }) as { weight: Tensor } & nn.Linear;
    tied.weight = layer.weight;
    expect(inspect(nn.sequential(layer, tied))).toMatch(/ 4\n.* 4\n4 parameters$/);
  });
});

describe('JSON.stringify()', () => {
  it('refuses tensors and modules', () => {
    const model = nn.linear(1, 1);
    expect(() => JSON.stringify({ x: ones([2]) })).toThrow(
      'JSON.stringify: the elements of Tensor([2], float32) are on the GPU: write tensors with await toSafetensors({ name: tensor }), ' +
        'or Array.from(await tensor.data())',
    );
    expect(() => JSON.stringify(model.stateDict())).toThrow(TypeError);
    expect(() => JSON.stringify(model)).toThrow(
      'JSON.stringify: a module has no JSON; use await toSafetensors(model.stateDict())',
    );
  });
});

describe('a tensor with two names in a safetensors file', () => {
  it('is written once and has both names when it is read', async () => {
    const shared = tensor([1, 2]);
    const bytes = await toSafetensors({ a: shared, b: shared, c: tensor([3]) }, { note: 'a' });
    expect(await readSafetensorsMetadata(bytes)).toEqual({ b: 'a', note: 'a' });
    expect(bytes.length % 8).toBe((3 * 4) % 8);
    const read = fromSafetensors(bytes, { names: ['a', 'c'] });
    expect(Object.keys(read)).toEqual(['a', 'c']);
    const all = fromSafetensors(await toSafetensors({ a: shared, b: shared }));
    expect(Object.keys(all)).toEqual(['a', 'b']);
    expect(all.b).toBe(all.a);
    expect(await all.b.data()).toEqual(new Float32Array([1, 2]));
  });
});
