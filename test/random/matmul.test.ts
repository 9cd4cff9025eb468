import fc from 'fast-check';
import { beforeAll, describe } from 'vitest';
import type { Tensor } from '../../src/tensor/tensor';
import { matmul } from '../../src/ops';
import { MATMUL_VARIANTS } from '../../src/ops/matmul/table';
import type { MatmulProblem } from '../../src/ops/matmul/problem';
import { isSupported } from '../../src/variants/variant';
import type { Device } from '../../src/runtime/device';
import { full, tensor } from '../../src/tensor/create/create';
import { sizeOf, stridesOf, type Shape } from '../../src/tensor/shape';
import { broadcasts, scales, seeds, type Broadcast } from '../support/arbitraries';
import { expectNumbersClose, type Tolerance } from '../support/compare';
import { testDevice } from '../support/device';
import { draw, expectOp, type HostArray } from '../support/evaluate';
import { numbers } from '../support/numbers';
import { holdsFor } from '../support/random';
import { indicesOf, placeOf } from '../support/reference/indexing';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});

interface Product {
  batch: Broadcast;
  rows: number;
  depth: number;
  columns: number;
  transposeA: boolean;
  transposeB: boolean;
  scale: number;
  seed: number;
}

/** Around and beyond the tiles of the kernels, which are up to 64 rows and columns. */
const extent = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 20 }) },
  { weight: 1, arbitrary: fc.integer({ min: 21, max: 70 }) },
);
const products = fc.record({
  batch: broadcasts(2, 2, 3),
  rows: extent,
  depth: extent,
  columns: extent,
  transposeA: fc.boolean(),
  transposeB: fc.boolean(),
  scale: scales,
  seed: seeds,
});

const swapped = (shape: Shape): number[] => [...shape.slice(0, -2), shape[shape.length - 1], shape[shape.length - 2]];

/** The shape of an operand in memory, and its strides for an index [...batch, i, j] of the operand as it is read. */
function operandOf(batch: Shape, i: number, j: number, transposed: boolean): { shape: Shape; strides: number[] } {
  const read = [...batch, i, j];
  const shape = transposed ? swapped(read) : read;
  const strides = stridesOf(shape);
  return { shape, strides: transposed ? swapped(strides) : strides };
}

/** Calls `visit` with the places of all factors: out[c] sums up a[a] · b[b]. */
function forEachProduct(p: Product, visit: (a: number, b: number, c: number) => void): void {
  const { out, shapes } = p.batch;
  const a = operandOf(shapes[0], p.rows, p.depth, p.transposeA).strides.slice(-2);
  const b = operandOf(shapes[1], p.depth, p.columns, p.transposeB).strides.slice(-2);
  indicesOf(out).forEach((index, batch) => {
    const [firstA, firstB] = [
      placeOf(index, shapes[0]) * p.rows * p.depth,
      placeOf(index, shapes[1]) * p.depth * p.columns,
    ];
    for (let m = 0; m < p.rows; m++)
      for (let n = 0; n < p.columns; n++)
        for (let k = 0; k < p.depth; k++)
          visit(firstA + m * a[0] + k * a[1], firstB + k * b[0] + n * b[1], (batch * p.rows + m) * p.columns + n);
  });
}

function setup(p: Product) {
  const a = draw(operandOf(p.batch.shapes[0], p.rows, p.depth, p.transposeA).shape, p.seed, p.scale);
  const b = draw(operandOf(p.batch.shapes[1], p.depth, p.columns, p.transposeB).shape, p.seed + 1);
  const shape = [...p.batch.out, p.rows, p.columns];
  const data = new Float64Array(sizeOf(shape));
  forEachProduct(p, (i, j, c) => (data[c] += a.data[i] * b.data[j]));
  return { a, b, shape, data, ...tolerances(p) };
}

/** Rounding of sums of `terms` products of numbers below `scale`. */
const rounding = (terms: number, scale: number): Tolerance => ({ atol: 1e-7 * (terms + 8) * scale, rtol: 1e-6 });

function tolerances({ depth, rows, columns, batch, scale }: Product): Tolerance & { gradient: Tolerance } {
  const longest = Math.max(rows, columns) * sizeOf(batch.out);
  return { ...rounding(depth, scale), gradient: rounding(longest, Math.max(scale, 1)) };
}

describe('matmul', () => {
  holdsFor('with its gradients, batches broadcast, transposed', products, 60, (p) => {
    const { a, b, shape, data, ...tolerance } = setup(p);
    const upstream = numbers(data.length, p.seed + 2);
    const [gradA, gradB] = [a, b].map((operand) => new Float64Array(operand.data.length));
    forEachProduct(p, (i, j, c) => {
      gradA[i] += b.data[j] * upstream[c];
      gradB[j] += a.data[i] * upstream[c];
    });
    const { transposeA, transposeB } = p;
    const wanted = { shape, data, upstream, grads: [gradA, gradB] };
    return expectOp('matmul', (x, y) => matmul(x, y, { transposeA, transposeB }), [a, b], wanted, tolerance);
  });

  holdsFor(
    'of vectors',
    fc.record({ depth: extent, other: extent, left: fc.boolean(), right: fc.boolean(), seed: seeds }),
    30,
    ({ depth, other, left, right, seed }) => {
      const a = draw(left ? [depth] : [other, depth], seed);
      const b = draw(right ? [depth] : [depth, other], seed + 1);
      const shape = [...(left ? [] : [other]), ...(right ? [] : [other])];
      const data = indicesOf([left ? 1 : other, right ? 1 : other]).map(([m, n]) => {
        let total = 0;
        for (let k = 0; k < depth; k++) total += a.data[m * depth + k] * b.data[right ? k : k * other + n];
        return total;
      });
      return expectOp('matmul of vectors', (x, y) => matmul(x, y), [a, b], { shape, data }, rounding(depth, 1));
    },
  );
});

/** The problem as a kernel sees it; the batch axes are not merged here. */
function problemOf({ batch, rows, columns, depth, transposeA, transposeB }: Product): MatmulProblem {
  const strides = [
    operandOf(batch.shapes[0], rows, depth, transposeA).strides,
    operandOf(batch.shapes[1], depth, columns, transposeB).strides,
  ];
  const axes = batch.out.length > 0 ? batch.out.map((_, axis) => axis) : [0];
  const along = (operand: 0 | 1) =>
    axes.map((axis) => {
      const own = axis - batch.out.length + batch.shapes[operand].length;
      return own < 0 || (batch.shapes[operand][own] ?? 1) === 1 ? 0 : strides[operand][own];
    });
  const [[aRow, aDepth], [bDepth, bColumn]] = strides.map((list) => list.slice(-2));
  const batchShape = axes.map((axis) => batch.out[axis] ?? 1);
  return { rows, columns, depth, aRow, aDepth, bDepth, bColumn, batchShape, aBatch: along(0), bBatch: along(1) };
}

describe('every kernel that the adapter runs', () => {
  const load = ({ shape, data }: HostArray) => tensor(data, { shape }) as Tensor;
  const cases = fc.record({ product: products, withBias: fc.boolean() });
  holdsFor('computes any product', cases, 40, async ({ product, withBias }) => {
    const { a, b, shape, data, atol, rtol } = setup(product);
    const bias = numbers(product.columns, product.seed + 3);
    const expected = data.map((x, i) => x + (withBias ? bias[i % product.columns] : 0));
    const problem = problemOf(product);
    // Of the tiles for GPUs, one: each costs software adapters pipelines.
    const checked = MATMUL_VARIANTS.filter((v) => isSupported(v, problem, device.info) && !/tiled 64/.test(v.name));
    for (const variant of checked) {
      using left = load(a);
      using right = load(b);
      using added = tensor(bias);
      // What the kernel does not write stays 1e30.
      using out = full(shape, 1e30);
      variant.launch('matmul', problem, { a: left, b: right, bias: withBias ? added : null, out });
      expectNumbersClose(variant.name, await out.data(), expected, { atol: (atol ?? 0) + 1e-6, rtol });
    }
  });
});
