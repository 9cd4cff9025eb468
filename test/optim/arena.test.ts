import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { relu } from '../../src/ops/elementwise/unary';
import { sum } from '../../src/ops/reduce/reduce';
import { adam } from '../../src/optim/algorithms/adam';
import { sgd } from '../../src/optim/algorithms/sgd';
import type { Device } from '../../src/runtime/device';
import type { DispatchCommand } from '../../src/runtime/stream/command-stream';
import { tensor } from '../../src/tensor/create/create';
import { tidy } from '../../src/tensor/scope';
import type { Tensor } from '../../src/tensor/tensor';
import { expectNumbersClose } from '../support/compare';
import { testDevice } from '../support/device';
import { backwardWith, numbers, parameter } from '../support/optim';
import { referenceAdam } from '../support/reference/optim';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterEach(() => {
  vi.restoreAllMocks();
});

const three = () => [parameter([3, 5], 1), parameter([1], 2), parameter([64], 3)];
const gradsOf = (params: readonly Tensor[], stream: number) =>
  params.map((param, i) => numbers(param.size, stream + i));

/** The dispatches that `fn` makes for `op`. */
function dispatches(op: string, fn: () => void): DispatchCommand[] {
  const push = vi.spyOn(device.stream, 'push');
  fn();
  const found = push.mock.calls.flatMap(([command]) =>
    command.kind === 'dispatch' && command.op === op ? [command] : [],
  );
  push.mockRestore();
  return found;
}

describe('the arena', () => {
  it('holds all parameters, with what they were, and takes one dispatch a step', async () => {
    const params = three();
    const optimizer = adam(params);
    expect(new Set(params.map((param) => param.storage)).size).toBe(1);
    expect(params.map((param) => param.offset)).toEqual([0, 256, 512]);
    for (const [i, param] of params.entries()) {
      expectNumbersClose('moved', await param.data(), numbers(param.size, i + 1), { atol: 0, rtol: 0 });
    }
    backwardWith(params, gradsOf(params, 10));
    expect(
      dispatches('adam', () => {
        optimizer.step();
      }),
    ).toHaveLength(1);
    optimizer.zeroGrad();
    expect(params.map((param) => param.grad)).toEqual([null, null, null]);
    expect(
      dispatches('adam', () => {
        optimizer.step();
      }),
    ).toHaveLength(0);
  });

  it('takes one dispatch for each stretch of parameters with a gradient, and leaves the others alone', async () => {
    const params = [...three(), ...three()];
    const optimizer = sgd(params);
    backwardWith(
      params,
      gradsOf(params, 10).map((grad, i) => (i === 1 || i === 4 ? null : grad)),
    );
    expect(
      dispatches('sgd', () => {
        optimizer.step();
      }),
    ).toHaveLength(3);
    for (const i of [1, 4]) {
      expectNumbersClose('alone', await params[i].data(), numbers(1, (i % 3) + 1), { atol: 0, rtol: 0 });
    }
  });

  it('takes gradients along that were there before', async () => {
    const params = three();
    const grads = gradsOf(params, 10);
    backwardWith(params, grads);
    const optimizer = sgd(params, { lr: 1 });
    expect(
      dispatches('sgd', () => {
        optimizer.step();
      }),
    ).toHaveLength(1);
    for (const [i, param] of params.entries()) {
      const expected = numbers(param.size, i + 1).map((x, k) => x - grads[i][k]);
      expectNumbersClose('stepped', await param.data(), expected);
    }
  });

  it('lets a gradient rule write to its place, and adds to what is there', async () => {
    const param = tensor([1, -1, 2], { requiresGrad: true });
    const optimizer = sgd([param]);
    for (const expected of [
      [1, 0, 1],
      [2, 0, 2],
    ]) {
      sum(relu(param)).backward();
      expect(param.grad?.storage).toBe(param.gradSlot?.storage);
      expect([...((await param.grad?.data()) ?? [])]).toEqual(expected);
    }
    optimizer.dispose();
    expect(param.grad).toBeNull();
    expect(param.gradSlot).toBeNull();
    sum(relu(param)).backward();
    expect([...((await param.grad?.data()) ?? [])]).toEqual([1, 0, 1]);
  });

  it('begins another one where the adapter binds no larger buffer', async () => {
    const params = three();
    const small = { maxStorageBufferBindingSize: 512, maxBufferSize: 2 ** 20 };
    const limits = vi.spyOn(device, 'limits', 'get').mockReturnValue(small as GPUSupportedLimits);
    const optimizer = adam(params, { lr: 1e-2 });
    limits.mockRestore();
    expect(params.map((param) => param.offset)).toEqual([0, 256, 0]);
    expect(params[2].storage).not.toBe(params[1].storage);
    const grads = gradsOf(params, 10);
    backwardWith(params, grads);
    expect(
      dispatches('adam', () => {
        optimizer.step();
      }),
    ).toHaveLength(2);
    for (const [i, param] of params.entries()) {
      const host = Float64Array.from(numbers(param.size, i + 1));
      referenceAdam({ lr: 1e-2 }, false)(host, grads[i]);
      expectNumbersClose('stepped', await param.data(), host);
    }
  });

  it('lets one parameter be copied to another', async () => {
    const [a, b] = [parameter([3], 1), parameter([3], 2)];
    sgd([a, b]);
    b.copyFrom(a);
    a.copyFrom(a.alias());
    for (const param of [a, b]) expect(await param.data()).toEqual(numbers(3, 1));
  });

  it('survives a tidy around the construction, and gives its memory back', async () => {
    const params = three();
    await device.finish();
    const { used } = device.memory;
    for (let round = 0; round < 3; round++) {
      const optimizer = tidy(() => {
        const made = adam(params);
        return { made };
      }).made;
      tidy(() => {
        backwardWith(params, gradsOf(params, 10));
      });
      optimizer.step();
      optimizer.dispose();
      // Only the parameters' own arena in place of their three buffers.
      expect(device.memory.used - used).toBeLessThan(1024);
    }
  });
});

describe('two optimizers', () => {
  it('can share parameters: each updates them where they are', async () => {
    const params = three();
    const first = adam(params, { lr: 1e-2 });
    const hosts = params.map((param, i) => Float64Array.from(numbers(param.size, i + 1)));
    const steppers = [1e-2, 3e-2].map((lr) => params.map(() => referenceAdam({ lr }, false)));
    const second = adam([params[2], params[0]], { lr: 3e-2 });
    for (let round = 0; round < 3; round++) {
      for (const [which, optimizer] of [first, second].entries()) {
        const grads = gradsOf(params, 10 * round + 50 * which);
        first.zeroGrad();
        backwardWith(params, grads);
        optimizer.step();
        params.forEach((param, i) => {
          if (optimizer.params.includes(param)) steppers[which][i](hosts[i], grads[i]);
        });
      }
    }
    for (const [i, param] of params.entries()) expectNumbersClose('shared', await param.data(), hosts[i]);
    first.dispose();
    expect(params.map((param) => param.gradSlot !== null)).toEqual([true, false, true]);
  });
});

describe('a replayed step', () => {
  const replay = ({ refresh, ...command }: DispatchCommand) => {
    device.stream.push({ ...command, params: refresh ? refresh() : command.params });
  };

  it('counts and reads the learning rate each time it runs', async () => {
    const params = three();
    const grads = gradsOf(params, 10);
    const optimizer = adam(params, { lr: 1e-2 });
    backwardWith(params, grads);
    const [step] = dispatches('adam', () => {
      optimizer.step();
    });
    replay(step);
    optimizer.lr = 5e-2;
    replay(step);
    expect(optimizer.stateDict().config.steps).toEqual([3, 3, 3]);
    for (const [i, param] of params.entries()) {
      const host = Float64Array.from(numbers(param.size, i + 1));
      const options = { lr: 1e-2 };
      const stepper = referenceAdam(options, false);
      for (const lr of [1e-2, 1e-2, 5e-2]) {
        options.lr = lr;
        stepper(host, grads[i]);
      }
      expectNumbersClose('replayed', await param.data(), host);
    }
  });

  it('refuses to go on where it no longer fits', () => {
    const params = three();
    const optimizer = adam(params);
    backwardWith(params, gradsOf(params, 10));
    const [step] = dispatches('adam', () => {
      optimizer.step();
    });
    backwardWith(params, gradsOf(params, 10));
    params[1].grad = null;
    optimizer.step();
    expect(() => {
      replay(step);
    }).toThrow('adam: a captured step no longer fits');

    const heavy = sgd(three());
    backwardWith(heavy.params, gradsOf(heavy.params, 10));
    const [plain] = dispatches('sgd', () => {
      heavy.step();
    });
    heavy.momentum = 0.9;
    expect(() => {
      replay(plain);
    }).toThrow('sgd: a captured step no longer fits');
  });
});
