import { kernel } from '../../runtime/kernels/kernel';
import { foldWorkgroups } from '../../runtime/kernels/launch';
import { subgroupLanes } from '../../variants/subgroup';
import { flopsOf, operandParams, sizeParams, tensorsOf, type MatmulVariant } from './problem';

const SUBGROUP = kernel('matmul_subgroup', () => import('./subgroup-shaders.lazy'));

/** Steps of the sum at a time: the loads of one wait for those of the other. */
const DEPTH = 2;

/**
 * A register tile of one subgroup: `rows` rows, `columns` times its lanes columns; it is never preferred unless
 * `usual`.
 */
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
        defines: { LANES: lanes, ROWS: rows, COLS: columns, DEPTH, ROW_SUMS: rowSums ? 1 : 0 },
        params: {
          ...sizeParams(problem),
          ...operandParams(problem, operands),
          row_tiles: rowTiles,
          column_tiles: columnTiles,
          tiles,
        },
        views: [...tensorsOf(operands), ...(rowSums ? [rowSums] : [])].map((tensor) => tensor.view),
        workgroups: foldWorkgroups(tiles),
        flops: flopsOf(problem, operands),
      });
    },
  };
}

/**
 * Products in the registers of one subgroup a workgroup, for software adapters: loads are dear there, broadcasts
 * cheap.
 */
export const MATMUL_SUBGROUP: readonly MatmulVariant[] = [
  subgroupTile(16, 4, true),
  subgroupTile(16, 2, false),
  subgroupTile(8, 4, false),
];
