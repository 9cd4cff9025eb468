import type { Device } from '../../runtime/device';
import type { VariantTable } from '../../variants/variant';
import { foldWorkgroups } from '../../runtime/kernels/launch';
import { kernel } from '../../runtime/kernels/kernel';
import { rand } from '../../tensor/create';
import { elementKernel, launchElements } from '../../runtime/kernels/element-kernel';
import { Tensor } from '../../tensor/tensor';
import { flopsOf, paramsOf, tensorsOf, type MatmulOperands, type MatmulProblem, type MatmulVariant } from './problem';
import { MATMUL_TILED } from './tiled';
import { subgroupLanes } from '../../variants/subgroup';

const GENERAL = elementKernel('matmul', () => import('./general-shaders.lazy'));
const SUBGROUP = kernel('matmul_subgroup', () => import('./subgroup-shaders.lazy'));

/** A register tile of one subgroup: `rows` rows, `columns` times its lanes columns. Those that are no `usual` choice can be measured. */
function subgroupTile(rows: number, columns: number, usual: boolean): MatmulVariant {
  return {
    name: `subgroup ${rows}x${columns}`,
    supports: (_, adapter) => subgroupLanes(adapter) > 0 && rows % subgroupLanes(adapter) === 0,
    preferred: (problem, { kind, subgroupSize }) =>
      usual && kind === 'cpu' && problem.rows > rows / 2 && problem.columns > subgroupSize,
    sumsRows: true,
    launch: (op, problem, operands) => {
      const { device, size } = operands.out;
      const { rowSums } = operands;
      const lanes = device.info.subgroupSize;
      const rowTiles = Math.ceil(problem.rows / rows);
      const columnTiles = Math.ceil(problem.columns / (columns * lanes));
      const tiles = (size / (problem.rows * problem.columns)) * rowTiles * columnTiles;
      device.launch({
        op,
        kernel: SUBGROUP,
        defines: { LANES: lanes, ROWS: rows, COLS: columns, DEPTH: 2, ROW_SUMS: rowSums ? 1 : 0 },
        params: { ...paramsOf(problem, operands), row_tiles: rowTiles, column_tiles: columnTiles, tiles },
        views: [...tensorsOf(operands), ...(rowSums ? [rowSums] : [])].map((tensor) => tensor.view),
        groups: foldWorkgroups(tiles),
        flops: flopsOf(problem, operands),
      });
    },
  };
}

/** From the special to the general; without a measurement the first that runs and serves is taken. */
export const MATMUL_VARIANTS: readonly MatmulVariant[] = [
  subgroupTile(16, 4, true),
  subgroupTile(16, 2, false),
  subgroupTile(8, 4, false),
  ...MATMUL_TILED,
  {
    name: 'general',
    supports: () => true,
    preferred: () => true,
    launch: (op, problem, operands) => {
      const { out } = operands;
      const flops = flopsOf(problem, operands);
      launchElements(out.device, op, GENERAL, out.size, tensorsOf(operands), paramsOf(problem, operands), {}, flops);
    },
  },
];

/** Elements from the first to the last that an operand's strides reach. */
function extent(sizes: readonly number[], strides: readonly number[]): number {
  return 1 + sizes.reduce((sum, size, axis) => sum + (size - 1) * strides[axis], 0);
}

const MATMUL: VariantTable<MatmulProblem, MatmulVariant, Device> = {
  name: 'matmul',
  variants: MATMUL_VARIANTS,
  shapeKey: ({ rows, columns, depth, aRow, aDepth, bDepth, bColumn, batchShape, aBatch, bBatch }) => {
    const product = `${rows}x${depth}x${columns} a ${aRow},${aDepth} b ${bDepth},${bColumn}`;
    const alone = batchShape.length === 1 && batchShape[0] === 1;
    return alone ? product : `${product} of ${batchShape.join('x')} a ${aBatch.join()} b ${bBatch.join()}`;
  },
  trial: (problem, device) => {
    const { rows, columns, depth, aRow, aDepth, bDepth, bColumn, batchShape, aBatch, bBatch } = problem;
    const a = rand([extent([rows, depth, ...batchShape], [aRow, aDepth, ...aBatch])], { device });
    const b = rand([extent([depth, columns, ...batchShape], [bDepth, bColumn, ...bBatch])], { device });
    const out = Tensor.empty([...batchShape, rows, columns], 'float32', device, 'matmul');
    return {
      launch: (variant) => {
        variant.launch('matmul', problem, { a, b, bias: null, out });
      },
      dispose: () => {
        for (const tensor of [a, b, out]) tensor.dispose();
      },
    };
  },
};

/** Computes a product by the variant that is fastest as far as is known. Returns whether it wrote `rowSums`. */
export function runMatmul(op: string, problem: MatmulProblem, operands: MatmulOperands): boolean {
  const variant = operands.out.device.variants.select(MATMUL, problem);
  variant.launch(op, problem, operands);
  return Boolean(operands.rowSums) && variant.sumsRows === true;
}
