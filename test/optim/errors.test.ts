import { beforeAll, describe, expect, it } from 'vitest';
import { mul } from '../../src/ops/elementwise/binary';
import { adam, adamW } from '../../src/optim/algorithms/adam';
import { sgd } from '../../src/optim/algorithms/sgd';
import { tensor } from '../../src/tensor/create/create';
import type { Tensor } from '../../src/tensor/tensor';
import { testDevice } from '../support/device';
import { parameter } from '../support/optim';

beforeAll(testDevice);

describe('parameters', () => {
  it('are required', () => {
    expect(() => sgd([])).toThrow(new RangeError('sgd: no parameters were given'));
  });
  it('are float32 leaves, each of them once', () => {
    const a = parameter([2], 1);
    const cases: [string, Tensor][] = [
      ['adam: parameter 1 [2] is the same tensor or memory as parameter 0', a],
      ['adam: parameter 1 [2] was computed from other tensors, expected a leaf', mul(a, 2)],
      ['adam: parameter 1 [1] is int32, expected float32', tensor([1], { dtype: 'int32' }) as never],
      ['adam: parameter 1 is not a tensor', 'weight' as unknown as Tensor],
    ];
    for (const [message, param] of cases) expect(() => adam([a, param])).toThrow(message);
  });
  it('were not freed', () => {
    const a = parameter([2], 1);
    a.dispose();
    expect(() => adamW([a])).toThrow('a freed tensor of shape [2]');
  });
});

describe('settings', () => {
  const params = () => [parameter([2], 1)];
  it('are in range', () => {
    expect(() => sgd(params(), { lr: -1 })).toThrow('sgd: expected lr to be a finite number >= 0, got -1');
    expect(() => sgd(params(), { momentum: -0.1 })).toThrow(
      'sgd: expected momentum to be a finite number >= 0, got -0.1',
    );
    expect(() => sgd(params(), { dampening: NaN })).toThrow('sgd: expected dampening to be a finite number, got NaN');
    expect(() => sgd(params(), { weightDecay: -1 })).toThrow(
      'sgd: expected weightDecay to be a finite number >= 0, got -1',
    );
    expect(() => sgd(params(), { nesterov: true })).toThrow('sgd: expected momentum > 0 and dampening 0 with nesterov');
    expect(() => adam(params(), { betas: [1, 0.9] })).toThrow(
      'adam: expected betas[0] to be a number in [0, 1), got 1',
    );
    expect(() => adamW(params(), { betas: [0.9, -1] })).toThrow(
      'adamW: expected betas[1] to be a number in [0, 1), got -1',
    );
    expect(() => adam(params(), { eps: Infinity })).toThrow(
      'adam: expected eps to be a finite number >= 0, got Infinity',
    );
  });
  it('stay as they were when a new value is refused', () => {
    const optimizer = adam(params());
    expect(() => (optimizer.lr = NaN)).toThrow('adam: expected lr to be a finite number >= 0, got NaN');
    expect(() => (optimizer.momentum = 1)).toThrow('adam: expected betas[0] to be a number in [0, 1), got 1');
    expect([optimizer.lr, ...optimizer.betas]).toEqual([1e-3, 0.9, 0.999]);
  });
});

describe('gradients', () => {
  it('have the shape of their parameter', () => {
    const param = parameter([2, 3], 1);
    const optimizer = sgd([param]);
    param.grad = tensor([1, 2]);
    expect(() => {
      optimizer.step();
    }).toThrow('sgd: parameter 0 is float32 [2, 3], its gradient float32 [2]');
  });
});
