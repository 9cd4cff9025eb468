import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { open } from '../../src/open';
import { batchNorm } from '../../src/ops/batchnorm/batchnorm';
import { dropout } from '../../src/ops/dropout/dropout';
import { avgPool2d } from '../../src/ops/pool2d/avg-pool2d';
import { maxPool2d, type MaxPool2dOptions } from '../../src/ops/pool2d/max-pool2d';
import { adam, clipGradNorm, clipGradValue, sgd, type Optimizer } from '../../src/optim';
import type { Device } from '../../src/runtime/device';
import { randn, tensor } from '../../src/tensor/create/create';
import { sizeOf, type Shape } from '../../src/tensor/shape';
import type { Tensor } from '../../src/tensor/tensor';
import { testDevice } from '../support/device';
import { numbers } from '../support/numbers';

// Values that are not finite go through layers and optimizers by IEEE's rules, forward and backward: against loops in float64.

type Lanes = 'as opened' | 'no subgroups' | 'as a GPU';
const LANES: readonly Lanes[] = ['as opened', 'no subgroups', 'as a GPU'];
const devices = new Map<Lanes, Device>();
beforeAll(async () => {
  await testDevice();
  for (const lanes of LANES) {
    const device = await open({ seed: 5, ...(lanes === 'no subgroups' ? { features: [] } : {}) });
    // What kernels a GPU would run, whatever runs them here.
    if (lanes === 'as a GPU') Object.assign(device.info, { kind: 'gpu' });
    devices.set(lanes, device);
  }
});
afterAll(() => {
  for (const device of devices.values()) device.destroy();
});
const on = (lanes: Lanes): Device => devices.get(lanes) ?? expect.fail(lanes);

type Numbers = ArrayLike<number>;
const [INF, NAN] = [Infinity, NaN];
/** Numbers in (-1, 1), with those of `special` at their indices. */
function sprinkled(size: number, seed: number, special: Readonly<Record<number, number | undefined>>): Float32Array {
  return Object.assign(numbers(size, seed), special);
}

/** The same where both are NaN, or infinite with one sign; numbers to within rounding, denormals flushed or not. */
function expectIeee(name: string, actual: Numbers, expected: Numbers, rtol = 2e-4): void {
  expect(actual.length, name).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    const [a, e] = [actual[i], expected[i]];
    const same = Number.isFinite(e) ? Math.abs(a - e) <= 2e-4 + rtol * Math.abs(e) : Object.is(a, e);
    if (!same) expect.fail(`${name}[${i}]: got ${a}, expected ${e}`);
  }
}

const leaf = (device: Device, data: Float32Array, shape: Shape): Tensor =>
  tensor(data, { shape, device, requiresGrad: true });
const dataOf = async (t: Tensor | null): Promise<Numbers> => (t ? t.data() : expect.fail('no tensor'));

const relu = (v: number): number => (v <= 0 ? 0 : v);

interface Norm {
  readonly shape: Shape;
  readonly x: Float32Array;
  readonly dy: Float32Array;
  readonly weight: Float32Array;
  readonly bias: Float32Array;
  readonly relu: boolean;
  readonly training: boolean;
  readonly running: readonly [mean: Float32Array, variance: Float32Array];
  /** Of each element, 1 without a dropout. */
  readonly factor: (i: number) => number;
}

/** Batch normalisation in float64, by its definition. */
function normReference({ shape, x, dy, weight, bias, relu: fused, training, running, factor }: Norm) {
  const [n, c] = shape;
  const inner = sizeOf(shape.slice(2));
  const [y, dx] = [new Float64Array(x.length), new Float64Array(x.length)];
  const per = () => new Float64Array(c);
  const [dweight, dbias, mean, variance] = [per(), per(), per(), per()];
  for (let ch = 0; ch < c; ch++) {
    const at = Array.from({ length: n * inner }, (_, k) => (Math.floor(k / inner) * c + ch) * inner + (k % inner));
    const input = (i: number): number => (fused ? relu(x[i]) : x[i]);
    const sum = (of: (i: number) => number): number => at.reduce((total, i) => total + of(i), 0);
    const mu = training ? sum(input) / at.length : running[0][ch];
    const m2 = sum((i) => (input(i) - mu) ** 2);
    const inverse = 1 / Math.sqrt((training ? m2 / at.length : running[1][ch]) + 1e-5);
    const g = (i: number): number => dy[i] * factor(i);
    const sumG = sum(g);
    const sumGx = sum((i) => g(i) * (input(i) - mu)) * inverse;
    for (const i of at) {
      y[i] = ((input(i) - mu) * (inverse * weight[ch]) + bias[ch]) * factor(i);
      const centred = training ? g(i) - sumG / at.length - (sumGx / at.length) * inverse * (input(i) - mu) : g(i);
      dx[i] = fused && x[i] <= 0 ? 0 : inverse * weight[ch] * centred;
    }
    [dweight[ch], dbias[ch]] = [sumGx, sumG];
    mean[ch] = training ? 0.9 * running[0][ch] + 0.1 * mu : running[0][ch];
    variance[ch] = training ? 0.9 * running[1][ch] + (0.1 * m2) / (at.length - 1) : running[1][ch];
  }
  return { y, dx, dweight, dbias, mean, variance };
}

const SPECIALS: Readonly<Record<string, readonly number[]>> = {
  NaN: [NAN],
  '+Infinity': [INF],
  '-Infinity': [-INF],
  'both infinities': [INF, -INF],
  '-0 and denormals': [-0, 1e-40, -1e-40],
};

describe.each(LANES)('batchNorm, %s', (lanes) => {
  // One dispatch, two dispatches, planes, channels in groups of four.
  const SHAPES: readonly Shape[] = [[9, 6], [5, 8], [2100, 4], [1, 3, 45, 50]]; // prettier-ignore
  it.each(SHAPES.map((shape) => [shape]))('of %j', async (shape) => {
    const device = on(lanes);
    const [size, c] = [sizeOf(shape), shape[1]];
    const long = size / c > 2000;
    const settings = [
      [true, true, 0],
      [true, true, 0.4],
      ...(long ? [] : ([[false, true, 0], [true, false, 0]] as const)), // prettier-ignore
    ] as const;
    for (const [name, values] of Object.entries(SPECIALS))
      for (const where of long ? (['x', 'dy'] as const) : (['x', 'dy', 'weight', 'bias', 'running'] as const))
        for (const [fused, training, p] of settings) {
          if (p > 0 && (shape.length > 2 || c % 4 !== 0)) continue;
          const few = Object.fromEntries(values.map((v, k) => [k * c * sizeOf(shape.slice(2)), v]));
          const here = (place: string): Record<number, number> => (where === place ? few : {});
          const first = where === 'running' ? { 0: values[0] } : {};
          const problem = {
            shape,
            x: sprinkled(size, 1, here('x')),
            dy: sprinkled(size, 2, here('dy')),
            weight: sprinkled(c, 3, where === 'weight' ? { 0: values[0] } : {}),
            bias: sprinkled(c, 4, where === 'bias' ? { 0: values[0] } : {}),
            relu: fused,
            training,
            running: [sprinkled(c, 5, first), numbers(c, 6).map((v) => Math.abs(v) + 0.5)] as const,
          };
          const [x, weight, bias] = [
            leaf(device, problem.x, shape),
            leaf(device, problem.weight, [c]),
            leaf(device, problem.bias, [c]),
          ];
          const [runningMean, runningVar] = problem.running.map((data) => tensor(data, { device }));
          device.generator.seed = 3;
          device.generator.offset = 0;
          const mask = p > 0 ? await dropout(tensor(new Float32Array(size).fill(1), { device }), p).data() : null;
          device.generator.offset = 0;
          const y = batchNorm(x, { weight, bias, runningMean, runningVar, training, relu: fused, dropout: p });
          y.backward({ gradient: tensor(problem.dy, { shape, device }) });
          const expected = normReference({ ...problem, factor: (i) => (mask ? mask[i] : 1) });
          const title = `${name} in ${where}, relu ${fused}, training ${training}, dropout ${p}: `;
          expectIeee(`${title}y`, await y.data(), expected.y);
          expectIeee(`${title}dx`, await dataOf(x.grad), expected.dx);
          expectIeee(`${title}dweight`, await dataOf(weight.grad), expected.dweight, 1e-3);
          expectIeee(`${title}dbias`, await dataOf(bias.grad), expected.dbias, 1e-3);
          expectIeee(`${title}mean`, await runningMean.data(), expected.mean);
          expectIeee(`${title}variance`, await runningVar.data(), expected.variance);
        }
  });
});

interface Pool {
  readonly kernel: number;
  readonly options: MaxPool2dOptions;
}

/** Both poolings of planes [H, W] in float64. */
function poolReference(shape: Shape, x: Numbers, dy: Numbers, factor: Numbers | null, max: boolean, pool: Pool) {
  const [n, c, h, w] = shape;
  const { kernel } = pool;
  const [stride, padding] = [Number(pool.options.stride ?? kernel), Number(pool.options.padding ?? 0)];
  const outOf = (side: number): number => Math.floor((side + 2 * padding - kernel) / stride) + 1;
  const [oh, ow] = [outOf(h), outOf(w)];
  const [y, dx] = [new Float64Array(n * c * oh * ow), new Float64Array(x.length)];
  y.forEach((_, o) => {
    const plane = Math.floor(o / (oh * ow));
    const [top, left] = [Math.floor(o / ow) % oh, o % ow].map((at) => at * stride - padding);
    let [best, value, total] = [-1, -INF, 0];
    const members: number[] = [];
    for (let k = 0; k < kernel * kernel; k++) {
      const [r, q] = [top + Math.floor(k / kernel), left + (k % kernel)];
      if (r < 0 || q < 0 || r >= h || q >= w) continue;
      const i = (plane * h + r) * w + q;
      members.push(i);
      total += x[i];
      if (best < 0 || x[i] > value || (Number.isNaN(x[i]) && !Number.isNaN(value))) [best, value] = [i, x[i]];
      if (Number.isNaN(x[i])) [best, value] = [i, NAN];
    }
    const f = factor ? factor[o] : 1;
    y[o] = max ? value * f : total / kernel ** 2;
    if (max) dx[best] += dy[o] * f;
    else for (const i of members) dx[i] += dy[o] / kernel ** 2;
  });
  return { y, dx, out: [n, c, oh, ow] };
}

describe.each(LANES)('pooling, %s', (lanes) => {
  const POOLS: readonly Pool[] = [
    { kernel: 2, options: {} },
    { kernel: 3, options: { stride: 2, padding: 1 } },
    { kernel: 2, options: { stride: 3 } },
    { kernel: 2, options: { dropout: 0.5 } },
    { kernel: 3, options: { stride: 1, dropout: 0.5 } },
  ];
  it.each(POOLS)('$kernel, $options', async (pool) => {
    const device = on(lanes);
    const shape = [2, 3, 6, 8];
    for (const [name, values] of Object.entries(SPECIALS))
      for (const max of [true, false]) {
        if (!max && pool.options.dropout) continue;
        const { kernel, options } = pool;
        const op = (x: Tensor): Tensor => {
          if (max) return maxPool2d(x, kernel, options);
          const { stride, padding } = options;
          return avgPool2d(x, kernel, { stride, padding });
        };
        const some = (step: number) => Object.fromEntries(values.map((v, k) => [5 + k * step, v]));
        const data = sprinkled(sizeOf(shape), 1, some(1));
        const x = leaf(device, data, shape);
        device.generator.seed = 3;
        device.generator.offset = 0;
        const y = op(x);
        const dy = sprinkled(
          y.size,
          2,
          Object.fromEntries([...Array(6).keys()].map((k) => [k, values[k % values.length]])),
        );
        y.backward({ gradient: tensor(dy, { shape: y.shape, device }) });
        device.generator.offset = 0;
        const p = options.dropout;
        const mask = p ? await dropout(tensor(new Float32Array(y.size).fill(1), { device }), p).data() : null;
        const expected = poolReference(shape, data, dy, mask, max, pool);
        const title = `${name}, ${max ? 'max' : 'avg'}: `;
        expectIeee(`${title}y`, await y.data(), expected.y);
        expectIeee(`${title}dx`, await dataOf(x.grad), expected.dx);
      }
  });
  it('without a finite element: the maximum is -Infinity, and the first element gets the gradient', async () => {
    const x = leaf(on(lanes), new Float32Array(4).fill(-INF), [1, 1, 2, 2]);
    const y = maxPool2d(x, 2);
    y.backward();
    expect([await y.item(), ...Array.from(await dataOf(x.grad))]).toEqual([-INF, 1, 0, 0, 0]);
  });
});

describe.each(LANES)('dropout, %s', (lanes) => {
  it('multiplies by 0 or 1 / (1 - p), as PyTorch does', async () => {
    const device = on(lanes);
    const values = [NAN, INF, -INF, -1];
    const size = 400;
    const data = Float32Array.from({ length: size }, (_, i) => values[i % 4]);
    for (const p of [0.5, 1]) {
      const x = leaf(device, data, [size]);
      device.generator.offset = 0;
      const y = dropout(x, p);
      y.backward({ gradient: tensor(data, { device }) });
      device.generator.offset = 0;
      const mask = await dropout(tensor(new Float32Array(size).fill(1), { device }), p).data();
      const expected = Float32Array.from(data, (v, i) => v * mask[i]);
      expect([...(await y.data())]).toEqual([...expected]);
      expect(Array.from(await dataOf(x.grad))).toEqual([...expected]);
    }
  });
});

/** A parameter of zeros for each list of gradients. */
function parameters(device: Device, grads: readonly (readonly number[])[], optimizer?: (list: Tensor[]) => Optimizer) {
  const params = grads.map((grad) => leaf(device, new Float32Array(grad.length), [grad.length]));
  const made = optimizer?.(params);
  params.forEach((param, i) => (param.grad = tensor(grads[i], { device })));
  return { params, optimizer: made };
}
const gradsOf = async (params: readonly Tensor[]): Promise<number[][]> =>
  Promise.all(params.map(async ({ grad }) => Array.from(await dataOf(grad))));

describe.each(LANES)('clipping, %s', (lanes) => {
  it('by value keeps NaN and limits the infinities', async () => {
    const { params } = parameters(on(lanes), [[NAN, INF, -INF, -0, 0.5], [-NAN, 3]]); // prettier-ignore
    clipGradValue(params, 1);
    expect(await gradsOf(params)).toEqual([[NAN, 1, -1, -0, 0.5], [NAN, 1]]); // prettier-ignore
  });
  // The values are those of torch.nn.utils.clip_grad_norm_.
  it.each([
    { grads: [[NAN, 1], [2]], norm: { 2: NAN, Infinity: NAN }, clipped: [[NAN, NAN], [NAN]] },
    { grads: [[1], [2, NAN]], norm: { 2: NAN, Infinity: NAN }, clipped: [[NAN], [NAN, NAN]] },
    { grads: [[INF, 1, 0]], norm: { 2: INF, Infinity: INF }, clipped: [[NAN, 0, 0]] },
    { grads: [[2], [-INF, 2]], norm: { 2: INF, Infinity: INF }, clipped: [[0], [NAN, 0]] },
  ])('by norm of $grads', async ({ grads, norm, clipped }) => {
    for (const normType of [2, INF] as const) {
      const { params } = parameters(on(lanes), grads);
      const total = clipGradNorm(params, 1, { normType });
      expect(await total.item()).toBe(norm[normType === 2 ? 2 : 'Infinity']);
      expect(await gradsOf(params)).toEqual(clipped);
    }
  });
});

describe.each(LANES)('optimizers, %s', (lanes) => {
  const GRADS = [
    [1, NAN, INF, -INF, 2],
    [1, 1, 1, 1, 1],
  ];
  it.each([false, true])('Adam keeps NaN and infinity in its moments, amsgrad %s', async (amsgrad) => {
    for (const size of [5, 8]) {
      const first = [...GRADS[0], 0, 0, 0].slice(0, size);
      const { params, optimizer } = parameters(on(lanes), [first], (list) => adam(list, { lr: 0.1, amsgrad }));
      optimizer?.step();
      params[0].grad = tensor(Array<number>(size).fill(1), { device: on(lanes) });
      optimizer?.step();
      const moments = await Promise.all(
        Object.values(optimizer?.stateDict().state ?? {}).map(async (t) => Array.from(await t.data()).slice(0, 4)),
      );
      const finite = (v: number): number => expect.closeTo(v, 5) as number;
      const squares = [finite(0.001999), NAN, INF, INF];
      expect(moments).toEqual([[finite(0.19), NAN, INF, -INF], squares, ...(amsgrad ? [squares] : [])]);
      expect(Array.from(await params[0].data()).slice(0, 4)).toEqual([finite(-0.2), NAN, NAN, NAN]);
    }
  });
  it('SGD adds what is not finite', async () => {
    const { params, optimizer } = parameters(on(lanes), [GRADS[0]], (list) => sgd(list, { lr: 0.5, momentum: 0.9 }));
    optimizer?.step();
    expect(Array.from(await params[0].data())).toEqual([-0.5, NAN, -INF, INF, -1]);
  });
});

describe.each(LANES)('randn, %s', (lanes) => {
  it('is finite, also where the uniform numbers are 0', async () => {
    const data = await randn([1 << 20], { device: on(lanes) }).data();
    expect(data.every(Number.isFinite)).toBe(true);
  });
});
