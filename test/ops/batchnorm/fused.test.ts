import { beforeAll, describe, expect, it } from 'vitest';
import { gradcheck } from '../../../src/autograd/gradcheck/gradcheck';
import { noGrad } from '../../../src/autograd/mode';
import { batchNorm, type BatchNormOptions } from '../../../src/ops/batchnorm/batchnorm';
import { add, mul } from '../../../src/ops/elementwise/binary';
import { dropout } from '../../../src/ops/dropout/dropout';
import { relu } from '../../../src/ops/elementwise/unary';
import type { Device } from '../../../src/runtime/device';
import { ones, rand, randn, tensor } from '../../../src/tensor/create/create';
import { tidy } from '../../../src/tensor/scope';
import { sizeOf, type Shape } from '../../../src/tensor/shape';
import type { Tensor } from '../../../src/tensor/tensor';
import { testDevice } from '../../support/device';
import { record } from '../../support/record';
import { expectSameBits } from '../../support/same-bits';
import { seeded } from '../../support/seeded';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});

const leaf = (made: Tensor): Tensor => Object.assign(made, { requiresGrad: true });
type Folded = Pick<BatchNormOptions, 'relu' | 'dropout'>;

/** The same by one op each. */
const apart = (x: Tensor, { relu: before = false, dropout: p = 0, ...options }: BatchNormOptions): Tensor =>
  dropout(batchNorm(before ? relu(x) : x, options), p);

/** Everything that a forward and a backward pass make, from the same numbers each time. */
function run(norm: typeof apart, shape: Shape, options: Folded & { training: boolean }): Record<string, Tensor> {
  return seeded(device, 11, () => {
    const [, c] = shape;
    const leaves = { x: leaf(randn(shape)), weight: leaf(add(rand([c]), 0.5)), bias: leaf(randn([c])) };
    const state = { runningMean: randn([c]), runningVar: add(rand([c]), 0.5) };
    const gradient = randn(shape);
    const { x, weight, bias } = leaves;
    const y = norm(x, { weight, bias, ...state, ...options });
    y.backward({ gradient });
    const grads = Object.entries(leaves).map(([name, { grad }]) => [`gradient of ${name}`, grad as Tensor]);
    return { y, ...state, next: rand([5]), ...(Object.fromEntries(grads) as Record<string, Tensor>) };
  });
}

// Planes, rows with whole blocks of random numbers and without, more rows and channels than one round of a kernel takes.
const SHAPES: Shape[] = [[3, 4, 5, 6], [2, 3, 7], [5, 3], [75, 8], [9, 260]]; // prettier-ignore
const FOLDED: Folded[] = [{ relu: true }, { dropout: 0.4 }, { relu: true, dropout: 0.4 }, { relu: true, dropout: 1 }];

describe.each(FOLDED)('batchNorm with %o', (folded) => {
  it.each(SHAPES.map((shape) => [shape]))('of %j has the bits of the separate ops', async (shape) => {
    for (const training of [true, false]) {
      const options = { ...folded, training };
      await expectSameBits(run(batchNorm, shape, options), run(apart, shape, options));
    }
  });
});

describe('relu in front', () => {
  it('has no gradient at 0 and passes NaN on as relu does', async () => {
    const x = () => leaf(tensor([[0, 1], [-0, 2], [3, NaN], [-4, 5]])); // prettier-ignore
    const [a, b] = [x(), x()];
    const [y, z] = [batchNorm(a, { training: true, relu: true }), apart(b, { training: true, relu: true })];
    for (const made of [y, z]) made.backward({ gradient: tensor([[1, 2], [3, 4], [5, 6], [7, 9]]) }); // prettier-ignore
    await expectSameBits({ y, dx: a.grad as Tensor }, { y: z, dx: b.grad as Tensor });
    const dx = await (a.grad as Tensor).data();
    expect([dx[0], dx[2], dx[6]].map(Math.abs)).toEqual([0, 0, 0]);
  });
  it('passes the central differences', async () => {
    // Away from the kink at 0.
    const far = Float32Array.from(await randn([24]).data(), (v) => v + 0.1 * Math.sign(v));
    const [x, weight, bias] = [leaf(tensor(far, { shape: [4, 2, 3] })), leaf(add(rand([2]), 0.5)), leaf(rand([2]))];
    const fn = (a: Tensor, w: Tensor, b: Tensor) => batchNorm(a, { weight: w, bias: b, training: true, relu: true });
    await gradcheck(fn, [x, weight, bias], { name: 'relu, batchNorm' });
  });
});

describe('dropout behind', () => {
  it('passes the central differences', async () => {
    const [x, weight, bias] = [leaf(randn([6, 4])), leaf(add(rand([4]), 0.5)), leaf(rand([4]))];
    const fn = (a: Tensor, w: Tensor, b: Tensor) =>
      seeded(device, 5, () => batchNorm(a, { weight: w, bias: b, training: true, dropout: 0.5 }));
    await gradcheck(fn, [x, weight, bias], { name: 'batchNorm, dropout' });
  });
  it.each([[[19, 8]], [[4, 3, 5]]])(
    'of %j draws anew at each replay, for its own backward pass',
    async (shape: Shape) => {
      const x = leaf(randn(shape));
      const bias = leaf(mul(ones([shape[1]]), 10));
      let y = x;
      const step = () => {
        y = batchNorm(x, { bias, training: true, dropout: 0.5 }).retainGrad();
        y.backward({ gradient: ones(shape) });
      };
      const replay = record(device, step);
      const first = await y.data();
      replay();
      const second = await y.data();
      expect(second.map((v) => (v === 0 ? 0 : 1))).not.toEqual(first.map((v) => (v === 0 ? 0 : 1)));
      const kept = new Float32Array(shape[1]);
      const inner = sizeOf(shape.slice(2));
      second.forEach((v, i) => (kept[Math.floor(i / inner) % shape[1]] += v === 0 ? 0 : 2));
      expect(await (bias.grad as Tensor).data()).toEqual(kept);
    },
  );
  it('leaves only the output alive without a graph', () => {
    for (const shape of [
      [6, 8],
      [6, 3],
    ]) {
      // prettier-ignore
      const x = rand(shape);
      const { used } = device.memory;
      const y = noGrad(() => tidy(() => batchNorm(x, { training: true, relu: true, dropout: 0.5 })));
      expect(device.memory.used - used).toBe(y.storage.buffer.size);
      y.dispose();
    }
  });
  it('refuses what is no probability', () => {
    expect(() => batchNorm(rand([2, 4]), { training: true, dropout: 2 })).toThrow(
      new RangeError('dropout: expected a probability p in [0, 1], got 2'),
    );
  });
});
