import { beforeAll, describe, expect, it } from 'vitest';
import { apply } from '../../src/autograd/apply';
import { gradcheck, GradcheckError } from '../../src/autograd/gradcheck/gradcheck';
import { noGrad } from '../../src/autograd/mode';
import { notDifferentiable, type Op } from '../../src/autograd/op';
import { add, mul } from '../../src/ops/elementwise/binary';
import { sum } from '../../src/ops/reduce/reduce';
import { exp } from '../../src/ops/elementwise/unary';
import { ones, tensor } from '../../src/tensor/create/create';
import type { Tensor } from '../../src/tensor/tensor';
import type { NestedArray } from '../../src/tensor/create/host-data';
import { testDevice } from '../support/device';

beforeAll(testDevice);

const leaf = (data: NestedArray) => tensor(data, { requiresGrad: true });

/** x², whose gradient rule multiplies with `slope(x, grad)`. */
function squareWith(slope: (x: Tensor, grad: Tensor) => Tensor): (x: Tensor) => Tensor {
  const op: Op<null> = {
    name: 'square',
    infer: ([x]) => ({ shape: x.shape, dtype: x.dtype }),
    forward: (_, [x], __, out) => {
      out.copyFrom(noGrad(() => mul(x, x)));
    },
    saves: { inputs: [0], output: false },
    backward: ({ inputs: [x], grad }) => [slope(x, grad)],
  };
  return (x) => apply(op, [x], null);
}

const right = squareWith((x, grad) => mul(mul(x, 2), grad));
const flipped = squareWith((x, grad) => mul(mul(x, -2), grad));

async function failure(work: Promise<void>): Promise<GradcheckError> {
  const error: unknown = await work.then(
    () => null,
    (caught: unknown) => caught,
  );
  if (!(error instanceof GradcheckError)) throw new Error(`gradcheck gave ${String(error)}`);
  return error;
}

describe('gradcheck', () => {
  it('passes what is right: several inputs, and outputs of any shape', async () => {
    await gradcheck(right, [leaf([0.5, -1, 2])]);
    await gradcheck((a, b) => mul(right(a), exp(b)), [leaf([[0.5, -1]]), leaf([[0.2], [0.1], [0.4]])]);
    await gradcheck((a) => sum(a), [leaf([[1, 2]])]);
  });

  it('catches a flipped sign and names function, input, element, both values and the tolerance', async () => {
    const [a, b] = [leaf([[1, 2, 3]]), leaf([[0.5, -1, 2]])];
    const { message } = await failure(gradcheck((x, y) => add(x, flipped(y)), [a, b], { name: 'square' }));
    const parts =
      /^square: input 1 \[1, 3\], element 0: backward\(\) says (\S+), central differences say (\S+), allowed difference (\S+)$/.exec(
        message,
      );
    const [analytic, numeric, tolerance] = parts?.slice(1).map(Number) ?? [];
    expect(Math.abs(numeric)).toBeGreaterThan(0.2);
    expect(analytic).toBeCloseTo(-numeric, 3);
    expect(tolerance).toBeCloseTo(1e-3 + 1e-2 * Math.abs(numeric), 4);
  });

  it('catches a single wrong element', async () => {
    const factor = tensor([2, 2, 2, 2.2, 2]);
    const fn = squareWith((x, grad) => mul(mul(x, factor), grad));
    const { message } = await failure(gradcheck(fn, [leaf([1, 1, 1, 1, 1])]));
    expect(message).toContain('input 0 [5], element 3:');
  });

  it('catches a gradient that is off everywhere, in an input too large to check each element', async () => {
    const fn = squareWith((x, grad) => mul(mul(x, 2.1), grad));
    await failure(gradcheck(fn, [ones([40, 50], { requiresGrad: true })]));
    const { message } = await failure(gradcheck(fn, [ones([40, 50], { requiresGrad: true })], { elements: 0 }));
    expect(message).toContain('input 0 [40, 50], direction 0:');
  });

  it('catches a gradient that is missing', async () => {
    const { message } = await failure(gradcheck((a, b) => mul(a, b.detach()), [leaf([1]), leaf([2])]));
    expect(message).toBe('gradcheck: backward() left no gradient for input 1');
  });

  it('checks only the inputs that require a gradient, and wants one', async () => {
    await gradcheck((a, b) => mul(right(a), b), [leaf([1, 2]), tensor([3, 4])]);
    const { message } = await failure(gradcheck(right, [tensor([1])], { name: 'square' }));
    expect(message).toBe('square: no input requires a gradient');
  });

  it('leaves the inputs as they were', async () => {
    const [a, b] = [leaf([0.1, 0.7]), leaf([0.3, -0.9])];
    await gradcheck((x, y) => mul(x, y), [a, b]);
    expect(await a.data()).toEqual(new Float32Array([0.1, 0.7]));
    await failure(gradcheck((x, y) => add(x, flipped(y)), [a, b]));
    expect(await b.data()).toEqual(new Float32Array([0.3, -0.9]));
  });

  it('begins with no gradient, whatever was there', async () => {
    const a = leaf([1, 2]);
    sum(mul(a, 100)).backward();
    await gradcheck(right, [a]);
  });

  it('gives the same verdict for the same seed', async () => {
    const run = async (seed: number) => (await failure(gradcheck(flipped, [leaf([1, 2, 3])], { seed }))).message;
    expect(await run(1)).toBe(await run(1));
    expect(await run(1)).not.toBe(await run(2));
  });
});

describe('apply', () => {
  it('names the op whose rule gives a gradient of another shape', () => {
    const y = squareWith((_, grad) => sum(grad))(leaf([1, 2]));
    expect(() => {
      y.backward({ gradient: ones([2]) });
    }).toThrow('square: its gradient rule gave [] for input 0 of shape [2]');
  });
  it('puts an op without a gradient on no graph', () => {
    const op: Op<null> = {
      name: 'copy',
      infer: ([x]) => ({ shape: x.shape, dtype: x.dtype }),
      forward: (_, [x], __, out) => {
        out.copyFrom(x);
      },
      saves: { inputs: [], output: false },
      backward: notDifferentiable,
    };
    expect(apply(op, [leaf([1])], null).requiresGrad).toBe(false);
  });
  it('keeps what the forward saved until backward(), and frees it with the graph', async () => {
    const saved: Tensor[] = [];
    const op: Op<null> = {
      name: 'square',
      infer: ([x]) => ({ shape: x.shape, dtype: x.dtype }),
      forward: (ctx, [x], __, out) => {
        const double = noGrad(() => mul(x, 2));
        ctx.save(double);
        saved.push(double);
        out.copyFrom(noGrad(() => mul(x, x)));
      },
      saves: { inputs: [], output: false },
      backward: ({ saved: [double], grad }) => [mul(double, grad)],
    };
    const w = leaf([1, 2]);
    const y = apply(op, [w], null);
    expect(saved[0].disposed).toBe(false);
    sum(y).backward();
    expect(saved[0].disposed).toBe(true);
    expect([...((await w.grad?.data()) ?? [])]).toEqual([2, 4]);
    noGrad(() => apply(op, [w], null));
    expect(saved[1].disposed).toBe(true);
  });
  it('refuses to read in a rule what the op did not keep', () => {
    const op: Op<null> = {
      name: 'careless',
      infer: ([x]) => ({ shape: x.shape, dtype: x.dtype }),
      forward: (_, [x], __, out) => {
        out.copyFrom(x);
      },
      saves: { inputs: [], output: false },
      backward: ({ inputs: [x], grad }) => [mul(x, grad)],
    };
    const y = apply(op, [leaf([1])], null);
    expect(() => {
      y.backward();
    }).toThrow('a freed tensor of shape [1]');
  });
});
