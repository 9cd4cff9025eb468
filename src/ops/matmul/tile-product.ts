import type { Device } from '../../runtime/device';
import { foldWorkgroups } from '../../runtime/kernels/launch';
import type { Kernel } from '../../runtime/kernels/kernel';
import type { Params } from '../../wgsl/params';
import type { Defines } from '../../wgsl/template';
import type { Tensor } from '../../tensor/tensor';
import { LEAST_SLICE_DEPTH, MAX_PARTIAL_ELEMENTS, SPLIT_INVOCATIONS } from '../../variants/cost-model';
import { sizeParams } from './problem';

/** The results that one workgroup of a kernel around matmul/tile_product.wgsl makes. */
export interface Tile {
  readonly rows: number;
  readonly columns: number;
  /** Results in an invocation's registers, in fours. */
  readonly rowQuads: number;
  readonly columnQuads: number;
}

/**
 * Large tiles load each operand less often, small ones keep more of an adapter busy; half of a tile of 64 rows is
 * idle where there are 32. All take at most 12.5 KiB of workgroup memory and 256 invocations.
 */
export const TILES = {
  '64x128': { rows: 64, columns: 128, rowQuads: 2, columnQuads: 2 },
  '32x128': { rows: 32, columns: 128, rowQuads: 1, columnQuads: 2 },
  '64x64': { rows: 64, columns: 64, rowQuads: 1, columnQuads: 1 },
  '32x64': { rows: 32, columns: 64, rowQuads: 1, columnQuads: 1 },
  '32x32': { rows: 32, columns: 32, rowQuads: 1, columnQuads: 1 },
} as const satisfies Readonly<Record<string, Tile>>;

/** Depth of every tile. */
const DEPTH = 16;

/** The sizes of C[m, n] = Σ_k A[m, k] · B[k, n]. */
export interface ProductSize {
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
  /** Products of these sizes; default 1. */
  readonly entries?: number;
}

/** Workgroups of the product, as long as its sum is not split. */
export function countTiles({ rows, columns, entries = 1 }: ProductSize, tile: Tile): number {
  return entries * Math.ceil(rows / tile.rows) * Math.ceil(columns / tile.columns);
}

/** The share of the tiles' rows that are rows of the product. */
export function rowsUsed({ rows }: ProductSize, tile: Tile): number {
  return rows / (Math.ceil(rows / tile.rows) * tile.rows);
}

/** The share of the tiles' columns that are columns of the product. */
export function columnsUsed({ columns }: ProductSize, tile: Tile): number {
  return columns / (Math.ceil(columns / tile.columns) * tile.columns);
}

/**
 * How the sum over k is split: `count` slices of `depth` (the last may be shorter), which is a multiple of the tiles'
 * depth.
 */
export interface DepthSlices {
  readonly count: number;
  readonly depth: number;
}

/** Splits the sum so that a GPU is busy and no slice is longer than `longest`: short sums are accurate. */
export function splitDepth(size: ProductSize, tile: Tile, longest = Infinity): DepthSlices {
  const { rows, columns, depth, entries = 1 } = size;
  const invocations = (countTiles(size, tile) * tile.rows * tile.columns) / (16 * tile.rowQuads * tile.columnQuads);
  const busy = Math.min(Math.ceil(SPLIT_INVOCATIONS / invocations), Math.ceil(depth / LEAST_SLICE_DEPTH));
  const memory = Math.max(1, Math.floor(MAX_PARTIAL_ELEMENTS / (entries * rows * columns)));
  const wanted = Math.min(Math.max(busy, Math.ceil(depth / longest)), memory);
  const each = Math.ceil(depth / wanted / DEPTH) * DEPTH;
  return { count: Math.ceil(depth / each), depth: each };
}

/**
 * DEPTH elements on in an array `[any, rows, columns]`, as the step of an index: see `step_index` of
 * matmul/tile_product.wgsl.
 */
export function depthStep(rows: number, columns: number): [number, number, number] {
  return [Math.floor(DEPTH / (rows * columns)), Math.floor(DEPTH / columns) % rows, DEPTH % columns];
}

export interface TiledLaunch {
  readonly op: string;
  readonly kernel: Kernel;
  readonly tile: Tile;
  readonly size: ProductSize;
  /** Default: one slice. */
  readonly slices?: DepthSlices | undefined;
  /** Whether the memory of A (B) is contiguous along k, else along the rows (columns). */
  readonly alongDepth: { readonly a: boolean; readonly b: boolean };
  /** The uniforms of the kernel around the product. */
  readonly params: Params;
  /** Its own defines; FINISH and REPAIR are 0 where they are not among them. */
  readonly defines?: Defines;
  readonly tensors: readonly Tensor[];
  readonly flops: number;
}

/** Launches a kernel around matmul/tile_product.wgsl, which states the contract. */
export function launchTiled(device: Device, launch: TiledLaunch): void {
  const { op, kernel, tile, size, alongDepth, params, defines, tensors, flops } = launch;
  const slices = launch.slices ?? { count: 1, depth: size.depth };
  const tiles = countTiles(size, tile) * slices.count;
  device.launch({
    op,
    kernel,
    defines: {
      ROWS: tile.rows,
      COLUMNS: tile.columns,
      DEPTH,
      ROW_QUADS: tile.rowQuads,
      COLUMN_QUADS: tile.columnQuads,
      A_ALONG_DEPTH: alongDepth.a ? 1 : 0,
      B_ALONG_DEPTH: alongDepth.b ? 1 : 0,
      FINISH: 0,
      REPAIR: 0,
      ROLLED: device.info.kind === 'cpu' ? 1 : 0,
      ...defines,
    },
    params: {
      tiles,
      row_tiles: Math.ceil(size.rows / tile.rows),
      column_tiles: Math.ceil(size.columns / tile.columns),
      ...sizeParams(size),
      slices: slices.count,
      slice_depth: slices.depth,
      one: 1,
      ...params,
    },
    views: tensors.map((tensor) => tensor.view),
    workgroups: foldWorkgroups(tiles),
    flops,
  });
}
