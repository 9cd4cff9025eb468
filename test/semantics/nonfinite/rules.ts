import * as ops from '../../../src/ops';
import type { registry } from '../../../src/ops/registry';
import type { DType } from '../../../src/tensor/dtype';
import { tensor } from '../../../src/tensor/create/create';
import { sizeOf, type Shape } from '../../../src/tensor/shape';
import type { Tensor } from '../../../src/tensor/tensor';
import {
  PAIR_RULES,
  SINGLE_RULES,
  type PairName,
  type PairRule,
  type SingleName,
  type SingleRule,
} from '../../support/reference/elementwise';

/** Numbers in float64. */
export type Values = readonly number[];

/** Result and gradients of an op by IEEE's and PyTorch's rules; `null` for an input without a gradient. */
export interface Outcome {
  readonly out: Values;
  readonly grads: readonly (Values | null)[];
}

/** How an op behaves with NaN, infinities, -0 and denormals in its inputs and in the gradient of its result. */
export interface NonfiniteRule {
  readonly shapes: readonly Shape[];
  readonly outShape: Shape;
  readonly run: (...inputs: Tensor[]) => Tensor<DType>;
  readonly model: (inputs: readonly Values[], upstream: Values) => Outcome;
}

/** `share` of the gradient `g`; with `masks`, a share of 0 is 0 of NaN and infinity too. */
const portion = (g: number, share: number, masks = false): number => (masks && share === 0 ? 0 : g * share);

/** The settings of clamp, leakyRelu and softplus, ignored by the others. */
const [P, Q] = [Math.fround(-0.3), Math.fround(0.4)];

const single = (name: SingleName): NonfiniteRule[] => {
  const { f, by, masks }: SingleRule = SINGLE_RULES[name];
  const op: (x: Tensor, p: number, q: number) => Tensor = ops[name];
  return [[7], [8]].map((shape) => ({
    shapes: [shape],
    outShape: shape,
    run: (x) => op(x, P, Q),
    model: ([x], g) => ({
      out: x.map((v) => f(v, P, Q)),
      grads: [by ? x.map((v, i) => portion(g[i], by(v, P, Q), masks)) : null],
    }),
  }));
};

const pair = (name: PairName): NonfiniteRule[] => {
  const { f, byA, byB, masks }: PairRule = PAIR_RULES[name];
  const each = (shapes: readonly [Shape, Shape], outShape: Shape): NonfiniteRule => ({
    shapes,
    outShape,
    run: ops[name],
    model: ([a, b], g) => {
      const [wideA, wideB] = [a, b].map((list) => g.map((_, i) => list[i % list.length]));
      const toA = byA && g.map((u, i) => portion(u, byA(wideA[i], wideB[i]), masks));
      const toB = byB && g.map((u, i) => portion(u, byB(wideA[i], wideB[i]), masks));
      const sumB = toB && b.map((_, k) => toB.filter((__, i) => i % b.length === k).reduce((s, v) => s + v));
      return { out: g.map((_, i) => f(wideA[i], wideB[i])), grads: [toA ?? null, sumB ?? null] };
    },
  });
  // In vectors of four, one by one, and with broadcasting by strides.
  return [each([[4], [4]], [4]), each([[3], [3]], [3]), each([[2, 3], [3]], [2, 3])]; // prettier-ignore
};

/** An op that moves elements: where each comes from is found by moving their numbers; `made` are those that the op adds. */
function moves(shapes: readonly Shape[], outShape: Shape, run: NonfiniteRule['run'], made = 0): NonfiniteRule {
  return {
    shapes,
    outShape,
    run,
    model: (inputs, g) => {
      const all = inputs.flat();
      const from = originsOf(shapes, run);
      const toAll = all.map((_, k) => from.reduce((sum, at, i) => (at === k + 1 ? sum + g[i] : sum), 0));
      let end = 0;
      const grads = inputs.map((list) => toAll.slice(end, (end += list.length)));
      return { out: from.map((at) => (at > 0 ? all[at - 1] : made)), grads };
    },
  };
}

const origins = new Map<NonfiniteRule['run'], Values>();
/** Filled before the tests run: reading a tensor takes a promise. */
const originsOf = (shapes: readonly Shape[], run: NonfiniteRule['run']): Values => {
  const found = origins.get(run);
  if (!found) throw new Error(`no origins for ${shapes.length} shapes`);
  return found;
};

export async function findOrigins({ shapes, run }: NonfiniteRule): Promise<void> {
  let next = 1;
  const numbered = shapes.map((shape) =>
    tensor(Float32Array.from({ length: sizeOf(shape) }, () => next++), { shape }),
  ); // prettier-ignore
  origins.set(run, [...(await run(...numbered).data())]);
}

const sumOf = (list: Values): number => list.reduce((a, b) => a + b, 0);

/** A reduction of each row of [2, 3] or [2, 4], and of [3, 2] along its first axis. */
function reduction(
  name: 'sum' | 'mean' | 'max' | 'min' | 'variance',
  f: (row: Values) => number,
  by: (row: Values, g: number) => Values,
): NonfiniteRule[] {
  const rows = (length: number): NonfiniteRule => ({
    shapes: [[2, length]],
    outShape: [2],
    run: (x) => ops[name](x, 1),
    model: ([x], g) => {
      const parts = [x.slice(0, length), x.slice(length)];
      return { out: parts.map(f), grads: [parts.flatMap((row, i) => by(row, g[i]))] };
    },
  });
  const columns: NonfiniteRule = {
    shapes: [[3, 2]],
    outShape: [2],
    run: (x) => ops[name](x, 0),
    model: ([x], g) => {
      const parts = [0, 1].map((k) => [x[k], x[2 + k], x[4 + k]]);
      const back = parts.map((column, k) => by(column, g[k]));
      return { out: parts.map(f), grads: [[0, 1, 2].flatMap((r) => [back[0][r], back[1][r]])] };
    },
  };
  // Reduced in two passes.
  const long = 600;
  const two: NonfiniteRule = {
    shapes: [[long]],
    outShape: [],
    run: (x) => ops[name](x),
    model: ([x], [g]) => ({ out: [f(x)], grads: [by(x, g)] }),
  };
  return [rows(3), rows(4), columns, two];
}

const extreme = (name: 'max' | 'min'): NonfiniteRule[] =>
  reduction(
    name,
    (row) => Math[name](...row),
    (row, g) => {
      const best = Math[name](...row);
      const hits = row.map((v) => Number(v === best));
      return hits.map((hit) => hit * (g / sumOf(hits)));
    },
  );

/** The place of an extreme of each row of [2, 3]; the first NaN is one. */
function argOf(name: 'argmax' | 'argmin', best: (row: Values) => number): NonfiniteRule {
  return {
    shapes: [[2, 3]],
    outShape: [2],
    run: (x) => ops[name](x, 1),
    model: ([x]) => ({
      out: [x.slice(0, 3), x.slice(3)].map((row) =>
        row.some(Number.isNaN) ? row.findIndex(Number.isNaN) : row.indexOf(best(row)),
      ),
      grads: [null],
    }),
  };
}

const meanOf = (row: Values): number => sumOf(row) / row.length;

/** log(softmax(row)). */
function logSoftmaxOf(row: Values): Values {
  const largest = Math.max(...row);
  const total = Math.log(sumOf(row.map((v) => Math.exp(v - largest))));
  return row.map((v) => v - largest - total);
}

/** An op on each row of [2, n]. */
function rowwise(run: (x: Tensor) => Tensor, f: (row: Values) => Values, by: (y: Values, g: Values) => Values) {
  return [3, 70].map((n): NonfiniteRule => ({
    shapes: [[2, n]],
    outShape: [2, n],
    run,
    model: ([x], g) => {
      const rows = [0, 1].map((r) => ({ y: f(x.slice(r * n, r * n + n)), g: g.slice(r * n, r * n + n) }));
      return { out: rows.flatMap(({ y }) => y), grads: [rows.flatMap((row) => by(row.y, row.g))] };
    },
  }));
}

const CLASSES = [2, 0];

function crossEntropy(smoothing: number): NonfiniteRule {
  return {
    shapes: [[2, 3]],
    outShape: [2],
    run: (x) => ops.crossEntropy(x, tensor(Int32Array.from(CLASSES)), { labelSmoothing: smoothing, reduction: 'none' }),
    model: ([x], g) => {
      const rows = CLASSES.map((t, r) => {
        const logs = logSoftmaxOf(x.slice(3 * r, 3 * r + 3));
        const everywhere = smoothing / 3;
        // As in PyTorch, a row is the sum of two losses; without smoothing there is only the first.
        const loss = -(1 - smoothing) * logs[t] - (smoothing > 0 ? everywhere * sumOf(logs) : 0);
        const grads = logs.map((v, k) => (Math.exp(v) - (k === t ? 1 - smoothing : 0) - everywhere) * g[r]);
        return { loss, grads };
      });
      return { out: rows.map(({ loss }) => loss), grads: [rows.flatMap(({ grads }) => grads)] };
    },
  };
}

type Slope = (a: number, b: number) => number;

/** A loss of each element of two tensors, in vectors of four and one by one. */
const pairLoss = (
  name: 'l1Loss' | 'smoothL1' | 'bceWithLogits' | 'klDiv',
  f: Slope,
  byA: Slope,
  byB: Slope = (a, b) => -byA(a, b),
  options: ops.KlDivOptions = {},
): NonfiniteRule[] =>
  [[3], [4]].map((shape) => ({
    shapes: [shape, shape],
    outShape: shape,
    run: (a, b) => ops[name](a, b, { ...(options as object), reduction: 'none' }),
    model: ([a, b], g) => ({
      out: a.map((v, i) => f(v, b[i])),
      grads: [byA, byB].map((by) => a.map((v, i) => by(v, b[i]) * g[i])),
    }),
  }));

const CONDITION = [1, 0, NaN, -0];

/** Where the rules of ops outside this table are tested. */
export interface Elsewhere {
  readonly file: string;
}
const elsewhere = (file: string): Elsewhere => ({ file });

const indices = (): Tensor<'int32'> => tensor(Int32Array.of(2, 0, 2));

/** What each op does with NaN, infinities, -0 and denormals; an op that is missing here does not compile. */
export const NONFINITE: Record<keyof typeof registry, readonly NonfiniteRule[] | Elsewhere> = {
  ...(Object.fromEntries(
    (Object.keys(SINGLE_RULES) as SingleName[]).map((name) => [`${name}Op`, single(name)]),
  ) as Record<`${SingleName}Op`, NonfiniteRule[]>),
  ...(Object.fromEntries((Object.keys(PAIR_RULES) as PairName[]).map((name) => [`${name}Op`, pair(name)])) as Record<
    `${PairName}Op`,
    NonfiniteRule[]
  >),
  whereOp: [
    {
      shapes: [[4], [4]],
      outShape: [4],
      run: (a, b) => ops.where(tensor(CONDITION), a, b),
      model: ([a, b], g) => ({
        out: CONDITION.map((c, i) => (c === 0 ? b[i] : a[i])),
        grads: [g.map((u, i) => (CONDITION[i] === 0 ? 0 : u)), g.map((u, i) => (CONDITION[i] === 0 ? u : 0))],
      }),
    },
  ],
  sumOp: reduction('sum', sumOf, (row, g) => row.map(() => g)),
  meanOp: reduction('mean', meanOf, (row, g) => row.map(() => g / row.length)),
  maxOp: extreme('max'),
  minOp: extreme('min'),
  argmaxOp: [argOf('argmax', (row) => Math.max(...row))],
  argminOp: [argOf('argmin', (row) => Math.min(...row))],
  castOp: [
    {
      shapes: [[5]],
      outShape: [5],
      run: (x) => ops.cast(x, 'int32'),
      model: ([x]) => ({
        out: x.map((v) => (Number.isNaN(v) ? 0 : Math.trunc(Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, v))))),
        grads: [null],
      }),
    },
  ],
  cumsumOp: rowwise(
    (x) => ops.cumsum(x, 1),
    (row) => row.map((_, i) => sumOf(row.slice(0, i + 1))),
    (y, g) => y.map((_, i) => sumOf(g.slice(i))),
  ),
  multinomialOp: elsewhere('test/ops/multinomial/multinomial.test.ts'),
  cloneOp: [moves([[3]], [3], (x) => ops.clone(x))],
  trilOp: [moves([[2, 3]], [2, 3], (x) => ops.tril(x))],
  triuOp: [moves([[2, 3]], [2, 3], (x) => ops.triu(x))],
  reshapeOp: [moves([[2, 3]], [3, 2], (x) => ops.reshape(x, [3, 2]))],
  permuteOp: [moves([[2, 3]], [3, 2], (x) => ops.permute(x, [1, 0]))],
  expandOp: [moves([[2, 1]], [2, 3], (x) => ops.expand(x, [2, 3]))],
  sliceOp: [moves([[5]], [2], (x) => ops.slice(x, [1], [5], [2]))],
  padOp: [
    moves([[2]], [4], (x) => ops.pad(x, [[1, 1]])),
    moves([[2]], [5], (x) => ops.pad(x, [[1, 2]], -Infinity), -Infinity),
  ],
  concatOp: [moves([[2], [3]], [5], (a, b) => ops.concat([a, b]))],
  stackOp: [moves([[2], [2]], [2, 2], (a, b) => ops.stack([a, b]))],
  embeddingOp: [moves([[3, 2]], [3, 2], (x) => ops.embedding(indices(), x))],
  gatherOp: [moves([[2, 3]], [1, 3], (x) => ops.gather(x, 0, tensor(Int32Array.of(1, 0, 1), { shape: [1, 3] })))],
  softmaxOp: rowwise(
    (x) => ops.softmax(x, 1),
    (row) => logSoftmaxOf(row).map(Math.exp),
    (y, g) => {
      const total = sumOf(y.map((v, i) => v * g[i]));
      return y.map((v, i) => v * (g[i] - total));
    },
  ),
  logSoftmaxOp: rowwise(
    (x) => ops.logSoftmax(x, 1),
    logSoftmaxOf,
    (y, g) => y.map((v, i) => g[i] - Math.exp(v) * sumOf(g)),
  ),
  crossEntropyOp: [crossEntropy(0), crossEntropy(0.2)],
  nllLossOp: [
    {
      shapes: [[2, 3]],
      outShape: [2],
      run: (x) => ops.nllLoss(x, tensor(Int32Array.from(CLASSES)), { reduction: 'none' }),
      model: ([x], g) => ({
        out: CLASSES.map((t, r) => -x[3 * r + t]),
        grads: [x.map((_, i) => (i % 3 === CLASSES[Math.floor(i / 3)] ? -g[Math.floor(i / 3)] : 0))],
      }),
    },
  ],
  mseLossOp: [
    {
      shapes: [[3], [3]],
      outShape: [3],
      run: (a, b) => ops.mseLoss(a, b, { reduction: 'none' }),
      model: ([a, b], g) => ({
        out: a.map((v, i) => (v - b[i]) ** 2),
        grads: [a.map((v, i) => 2 * (v - b[i]) * g[i]), a.map((v, i) => -2 * (v - b[i]) * g[i])],
      }),
    },
  ],
  l1LossOp: pairLoss('l1Loss', (a, b) => Math.abs(a - b), (a, b) => Math.sign(a - b)), // prettier-ignore
  smoothL1Op: pairLoss(
    'smoothL1',
    (a, b) => (Math.abs(a - b) < 1 ? (a - b) ** 2 / 2 : Math.abs(a - b) - 0.5),
    (a, b) => Math.max(-1, Math.min(1, a - b)),
  ),
  bceWithLogitsOp: pairLoss(
    'bceWithLogits',
    (a, b) => Math.max(a, 0) - a * b + Math.log1p(Math.exp(-Math.abs(a))),
    (a, b) => 1 / (1 + Math.exp(-a)) - b,
    (a) => -a,
  ),
  klDivOp: [
    ...pairLoss(
      'klDiv',
      (a, b) => (b === 0 ? 0 : b * Math.log(b)) - b * a,
      (_, b) => -b,
      (a, b) => Math.log(b) + 1 - a,
    ),
    ...pairLoss(
      'klDiv',
      (a, b) => Math.exp(b) * (b - a),
      (_, b) => -Math.exp(b),
      (a, b) => Math.exp(b) * (b - a + 1),
      { logTarget: true },
    ),
  ],
  layerNormOp: [
    {
      shapes: [[2, 3], [3], [3]],
      outShape: [2, 3],
      run: (x, weight, bias) => ops.layerNorm(x, 3, { weight, bias }),
      model: ([x, w, b], g) => {
        const rows = [0, 3].map((at) => {
          const mean = meanOf(x.slice(at, at + 3));
          const inverse = 1 / Math.sqrt(meanOf(x.slice(at, at + 3).map((v) => (v - mean) ** 2)) + 1e-5);
          const unit = x.slice(at, at + 3).map((v) => (v - mean) * inverse);
          const up = w.map((v, k) => v * g[at + k]);
          const [u, ux] = [meanOf(up), meanOf(up.map((v, k) => v * unit[k]))];
          const dx = up.map((v, k) => inverse * (v - u - unit[k] * ux));
          return { y: unit.map((v, k) => v * w[k] + b[k]), dx, dw: unit.map((v, k) => v * g[at + k]) };
        });
        const dw = w.map((_, k) => rows[0].dw[k] + rows[1].dw[k]);
        return {
          out: rows.flatMap(({ y }) => y),
          grads: [rows.flatMap(({ dx }) => dx), dw, b.map((_, k) => g[k] + g[3 + k])],
        };
      },
    },
  ],
  upsampleOp: [
    moves([[1, 1, 2, 2]], [1, 1, 4, 4], (x) => ops.upsample(x, { scaleFactor: 2 })),
    moves([[1, 1, 1, 5]], [1, 1, 1, 3], (x) => ops.upsample(x, { size: [1, 3] })),
    {
      shapes: [[1, 1, 1, 3]],
      outShape: [1, 1, 1, 6],
      run: (x) => ops.upsample(x, { size: [1, 6], mode: 'bilinear' }),
      model: ([x], g) => {
        // The one row is its own neighbour, with a share of 0.
        const at = g.map((_, o) => Math.max((o + 0.5) / 2 - 0.5, 0));
        const low = at.map(Math.floor);
        const high = low.map((i) => Math.min(i + 1, 2));
        const row = at.map((s, o) => (1 - (s - low[o])) * x[low[o]] + (s - low[o]) * x[high[o]]);
        const share = (o: number, i: number): number =>
          (low[o] === i ? 1 - (at[o] - low[o]) : 0) + (high[o] === i ? at[o] - low[o] : 0);
        const readers = (i: number): number[] => g.flatMap((_, o) => (low[o] === i || high[o] === i ? [o] : []));
        return {
          out: row.map((v) => v + 0 * v),
          grads: [x.map((_, i) => sumOf(readers(i).map((o) => share(o, i) * g[o])))],
        };
      },
    },
  ],
  matmulOp: elsewhere('test/semantics/products-nonfinite.test.ts'),
  linearOp: elsewhere('test/semantics/products-nonfinite.test.ts'),
  conv2dOp: elsewhere('test/semantics/products-nonfinite.test.ts'),
  // The launches of conv2d's gradients, variant by variant.
  convTranspose2dOp: elsewhere('test/semantics/products-nonfinite.test.ts'),
  maxPool2dOp: elsewhere('test/semantics/layers-nonfinite.test.ts'),
  avgPool2dOp: elsewhere('test/semantics/layers-nonfinite.test.ts'),
  batchNormOp: elsewhere('test/semantics/layers-nonfinite.test.ts'),
  dropoutOp: elsewhere('test/semantics/layers-nonfinite.test.ts'),
};
