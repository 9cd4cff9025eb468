import { beforeAll, describe, expect, it } from 'vitest';
import { enableGrad, gradEnabled, noGrad } from '../../src/autograd/mode';
import { add, mul, sub } from '../../src/ops/elementwise/binary';
import { reshape } from '../../src/ops/layout/layout';
import { sum } from '../../src/ops/reduce/reduce';
import { exp, neg, relu } from '../../src/ops/elementwise/unary';
import { ones, tensor } from '../../src/tensor/create/create';
import { keep, tidy } from '../../src/tensor/scope';
import { ShapeError } from '../../src/tensor/shape';
import type { Tensor } from '../../src/tensor/tensor';
import type { NestedArray } from '../../src/tensor/create/host-data';
import { testDevice } from '../support/device';

beforeAll(testDevice);

const leaf = (data: NestedArray) => tensor(data, { requiresGrad: true });

async function gradOf(x: Tensor): Promise<number[]> {
  if (!x.grad) throw new Error('there is no gradient');
  expect(x.grad.shape).toEqual(x.shape);
  return [...(await x.grad.data())];
}

describe('graphs', () => {
  it('reaches every leaf that requires a gradient, and no other', async () => {
    const [a, b] = [leaf([1, 2]), leaf([3, 4])];
    const c = tensor([5, 6]);
    sum(mul(mul(a, b), c)).backward();
    expect(await gradOf(a)).toEqual([15, 24]);
    expect(await gradOf(b)).toEqual([5, 12]);
    expect(c.grad).toBeNull();
  });
  it('adds up the uses of a leaf, in one op and in several', async () => {
    const w = leaf([2, 3]);
    sum(add(mul(w, w), mul(w, tensor([10, 20])))).backward();
    expect(await gradOf(w)).toEqual([14, 26]);
  });
  it('adds up the branches of a diamond', async () => {
    const w = leaf([1, 2]);
    const top = mul(w, 3);
    const [left, right] = [mul(top, top), neg(top)];
    sum(mul(left, right)).backward();
    // -(3w)³ has the slope -81 w².
    expect(await gradOf(w)).toEqual([-81, -324]);
  });
  it('handles a diamond of diamonds once each', async () => {
    const w = leaf(1);
    let x: Tensor = w;
    for (let i = 0; i < 20; i++) x = add(x, x);
    x.backward();
    expect(await gradOf(w)).toEqual([2 ** 20]);
  });
  it('goes through branches of different length', async () => {
    const w = leaf([1, -1]);
    const long = neg(neg(neg(w)));
    sum(add(long, mul(w, 5))).backward();
    expect(await gradOf(w)).toEqual([4, 4]);
  });
  it('follows a chain of 5,000 ops, and gives one up that nobody goes back through', async () => {
    const w = leaf([1, 2]);
    const chain = () => {
      let x: Tensor = w;
      for (let i = 0; i < 5001; i++) x = neg(x);
      return sum(x);
    };
    chain().backward();
    expect(await gradOf(w)).toEqual([-1, -1]);
    const { used } = w.device.memory;
    tidy(chain).dispose();
    expect(w.device.memory.used).toBe(used);
  });
});

describe('accumulation', () => {
  it('adds the gradient of a second call', async () => {
    const w = leaf([1, 2]);
    sum(mul(w, 3)).backward();
    sum(mul(w, w)).backward();
    expect(await gradOf(w)).toEqual([5, 7]);
  });
  it('begins anew where the gradient was taken away', async () => {
    const w = leaf([1, 2]);
    sum(mul(w, 3)).backward();
    w.grad?.dispose();
    w.grad = null;
    sum(mul(w, w)).backward();
    expect(await gradOf(w)).toEqual([2, 4]);
  });
  it('survives the tidy around it', async () => {
    const w = leaf([1, 2]);
    tidy(() => {
      sum(mul(w, 3)).backward();
    });
    expect(await gradOf(w)).toEqual([3, 3]);
  });
});

describe('memory of gradients', () => {
  const overwrite = (x: Tensor) => {
    x.grad?.write(new Float32Array(x.size).fill(99));
  };
  it('is not shared between leaves', async () => {
    const [a, b] = [leaf([1, 2]), leaf([3, 4])];
    sum(add(a, b)).backward();
    overwrite(a);
    expect(await gradOf(b)).toEqual([1, 1]);
    overwrite(b);
    expect(await gradOf(a)).toEqual([99, 99]);
  });
  it('is not shared with the gradient that was passed in', async () => {
    const [a, b] = [leaf([1, 2]), leaf([3, 4])];
    const gradient = tensor([5, 6]);
    add(a, b).backward({ gradient });
    overwrite(a);
    expect([...(await gradient.data())]).toEqual([5, 6]);
    gradient.write(new Float32Array(2));
    expect(await gradOf(b)).toEqual([5, 6]);
    gradient.dispose();
    expect(await gradOf(b)).toEqual([5, 6]);
  });
  it('is not shared through a reshape, nor with a retained gradient', async () => {
    const a = leaf([1, 2]);
    const b = leaf([[3, 4]]);
    const middle = add(reshape(a, [1, 2]), b).retainGrad();
    sum(middle).backward();
    overwrite(a);
    overwrite(middle);
    expect(await gradOf(b)).toEqual([1, 1]);
    expect(await gradOf(a)).toEqual([99, 99]);
  });
});

describe('what is recorded', () => {
  it('nothing, of ops without a leaf that requires a gradient', () => {
    const x = add(ones([1]), 1);
    expect(x.requiresGrad).toBe(false);
    expect(() => {
      x.backward();
    }).toThrow('backward: Tensor([1], float32) has no graph: nothing that it was computed from required a gradient');
  });
  it('nothing behind detach()', async () => {
    const w = leaf([2]);
    const square = mul(w, w);
    mul(square.detach(), w).backward();
    expect(await gradOf(w)).toEqual([4]);
    expect(square.detach().requiresGrad).toBe(false);
  });
  it('nothing in noGrad, all again in enableGrad, and as before after both', () => {
    const w = leaf([2]);
    const recorded = () => mul(w, 1).requiresGrad;
    expect(recorded()).toBe(true);
    noGrad(() => {
      expect(recorded()).toBe(false);
      enableGrad(() => {
        expect(recorded()).toBe(true);
        noGrad(() => {
          expect(recorded()).toBe(false);
        });
        expect(recorded()).toBe(true);
      });
      expect(recorded()).toBe(false);
      expect(gradEnabled()).toBe(false);
    });
    expect(recorded()).toBe(true);
  });
  it('as before, also after an error', () => {
    expect(() =>
      noGrad(() => {
        throw new Error('mine');
      }),
    ).toThrow('mine');
    expect(gradEnabled()).toBe(true);
    expect(noGrad(() => 7)).toBe(7);
  });
  it.each([
    ['noGrad', noGrad],
    ['enableGrad', enableGrad],
  ])('by %s alone: async functions are refused', (name, run) => {
    expect(() => run(() => Promise.resolve(1))).toThrow(`${name}: fn returned a promise`);
    expect(gradEnabled()).toBe(true);
  });
  it('backward() works inside noGrad, and leaves recording as it was', async () => {
    const w = leaf([3]);
    const y = mul(w, w);
    noGrad(() => {
      y.backward();
      expect(gradEnabled()).toBe(false);
    });
    expect(await gradOf(w)).toEqual([6]);
    mul(w, w).backward();
    expect(gradEnabled()).toBe(true);
    expect(w.grad?.requiresGrad).toBe(false);
  });
});

describe('intermediate tensors', () => {
  it('are freed by backward(), but for the root', async () => {
    const w = leaf([1, 2]);
    const middle = exp(w);
    const root = sum(middle);
    root.backward();
    expect(middle.disposed).toBe(true);
    expect(root.disposed).toBe(false);
    expect(await root.item()).toBeCloseTo(Math.E + Math.E ** 2, 4);
    await expect(middle.data()).rejects.toThrow('a freed tensor of shape [2] (made by exp): backward()');
  });
  it('stay when they are kept', async () => {
    const w = leaf([1, 2]);
    const middle = keep(mul(w, 2));
    sum(middle).backward();
    expect([...(await middle.data())]).toEqual([2, 4]);
  });
  it('stay, with their gradient, after retainGrad()', async () => {
    const w = leaf([1, 2]);
    const middle = mul(w, 2).retainGrad();
    const root = sum(mul(middle, middle)).retainGrad();
    root.backward();
    expect([...(await middle.data())]).toEqual([2, 4]);
    expect(await gradOf(middle)).toEqual([4, 8]);
    expect(await gradOf(root)).toEqual([1]);
    expect(await gradOf(w)).toEqual([8, 16]);
  });
  it('may be freed by hand before backward()', async () => {
    const w = leaf([1, 2]);
    const middle = mul(w, 3);
    const root = sum(relu(middle));
    middle.dispose();
    root.backward();
    expect(await gradOf(w)).toEqual([3, 3]);
  });
});

describe('a root that is freed', () => {
  it('gives back what the graph held for it', () => {
    const w = leaf([1, 2]);
    const { used } = w.device.memory;
    const root = tidy(() => sum(exp(mul(w, w))));
    expect(w.device.memory.used).toBeGreaterThan(used + 256);
    root.dispose();
    expect(w.device.memory.used).toBe(used);
  });
  it('leaves alone what another root needs', async () => {
    const w = leaf([1, 2]);
    const [one, two] = tidy(() => {
      const shared = exp(w);
      return [sum(shared), sum(mul(shared, shared))];
    });
    one.dispose();
    two.backward();
    const expected = [2 * Math.exp(2), 2 * Math.exp(4)];
    (await gradOf(w)).forEach((x, i) => {
      expect(x / expected[i]).toBeCloseTo(1, 5);
    });
  });
  it('has no backward()', () => {
    const root = sum(leaf([1, 2]));
    root.dispose();
    expect(() => {
      root.backward();
    }).toThrow('a freed tensor of shape []');
  });
});

describe('a second backward()', () => {
  it('is refused where the graph was freed', () => {
    const w = leaf([1, 2]);
    const middle = keep(mul(w, w));
    const root = sum(middle);
    root.backward();
    expect(() => {
      root.backward();
    }).toThrow(
      'backward: the graph before mul was freed by an earlier backward(); pass { retainGraph: true } to that one',
    );
    expect(() => {
      sum(middle).backward();
    }).toThrow('the graph before mul was freed');
  });
  it('is possible after retainGraph, and adds', async () => {
    const w = leaf([1, 2]);
    const middle = mul(w, w);
    const root = sum(middle);
    root.backward({ retainGraph: true });
    expect(middle.disposed).toBe(false);
    expect(await gradOf(w)).toEqual([2, 4]);
    root.backward({ retainGraph: true });
    root.backward();
    expect(middle.disposed).toBe(true);
    expect(await gradOf(w)).toEqual([6, 12]);
  });
  it('of another root over the same ops is possible after retainGraph', async () => {
    const w = leaf([1, 2]);
    const shared = mul(w, w);
    const [one, two] = [sum(shared), sum(mul(shared, 10))];
    one.backward({ retainGraph: true });
    two.backward();
    expect(await gradOf(w)).toEqual([22, 44]);
  });
});

describe('gradient', () => {
  it('is needed for more than one element', () => {
    const y = mul(leaf([1, 2]), 2);
    expect(() => {
      y.backward();
    }).toThrow(new ShapeError('backward: a tensor of shape [2] needs a gradient of that shape'));
  });
  it('may be left out for one element of any shape', async () => {
    const w = leaf([[3]]);
    mul(w, w).backward();
    expect(await gradOf(w)).toEqual([6]);
  });
  it('weighs the elements', async () => {
    const w = leaf([1, 2]);
    mul(w, w).backward({ gradient: tensor([10, -1]) });
    expect(await gradOf(w)).toEqual([20, -4]);
  });
  it('must have the shape and the type', () => {
    const y = mul(leaf([1, 2]), 2);
    expect(() => {
      y.backward({ gradient: ones([2, 1]) });
    }).toThrow(new ShapeError('backward: expected a gradient of shape [2], got [2, 1]'));
    expect(() => {
      y.backward({ gradient: ones([2], { dtype: 'int32' }) as never });
    }).toThrow(new TypeError('backward: expected a float32 gradient, got int32'));
  });
  it('is left to the caller', () => {
    const gradient = ones([2]);
    const w = leaf([1, 2]);
    sub(w, 1).backward({ gradient });
    expect(gradient.disposed).toBe(false);
  });
});
