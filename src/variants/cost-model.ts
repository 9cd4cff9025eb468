import type { AdapterKind } from '../device/gpu';

/**
 * The cost model: all constants by which kernels size their pieces of work and tables choose among variants, in one
 * place, so that a new kind of adapter means one file to read. Each says what it counts and where it comes from:
 * "measured" on lavapipe (2 cores, 8 lanes) or "reasoned". They change nothing but the last bits of a result: a sum
 * that is split in another way rounds in another way. `tune()` measures on the adapter at hand what thresholds only
 * guess.
 */
type PerKind = Readonly<Record<AdapterKind, number>>;

// ---- All ops

/**
 * Invocations that keep an adapter busy. Reasoned: a software adapter needs some workgroups for each of its cores; a
 * large GPU holds about 260,000 invocations and hides its loads with an eighth of them.
 */
export const BUSY_INVOCATIONS: PerKind = { cpu: 64, gpu: 32768 };

/**
 * Elements of an invocation in kernels that loop over them (`multiItem`). Measured: on a CPU, starting an invocation
 * costs as much as computing a few elements.
 */
export const INVOCATION_ITEMS: PerKind = { cpu: 8, gpu: 1 };

/** Elements that the partial results of a sum may take. Reasoned: 64 MB, half of what every adapter can bind. */
export const MAX_PARTIAL_ELEMENTS = 2 ** 24;

/**
 * Terms that a sum adds up in a row at most; longer sums are split. Reasoned: each addition in float32 rounds by up
 * to 2^-24, which makes an error of 2.4e-4 of the terms' magnitudes at worst and of 4e-6 by chance.
 */
export const LONGEST_SUM = 4096;

// ---- Reductions and softmax

/**
 * Elements that one invocation of a reduction combines. Reasoned: short sums are accurate, and the tree of them is
 * shallow; a second pass for fewer costs more than it gains.
 */
export const REDUCED_IN_A_ROW = 256;

/**
 * Length from which a row of softmax or cross-entropy has a workgroup of its own. On a software adapter measured: up to
 * there the barriers eat the gain; on a GPU reasoned: every lane has an element.
 */
export const LEAST_LONG_ROW: PerKind = { cpu: 4096, gpu: 64 };

// ---- GPUs: matmul, linear and conv2d by tiles in workgroup memory (tile_product)

/** Invocations to which a split sum is spread out. Reasoned: a quarter of what a large GPU holds. */
export const SPLIT_INVOCATIONS = 65536;

/** Depth of a slice, at least. Reasoned: eight steps of a tile; for fewer, writing the partial result would show. */
export const LEAST_SLICE_DEPTH = 128;

/** Depth from which the sum of a matrix product is split. Reasoned: the second pass is a dispatch of its own. */
export const LEAST_SPLIT_DEPTH = 512;

/**
 * Elements of the result, and depth, from which a matrix product is tiled. Reasoned: tiles of less are mostly empty.
 */
export const LEAST_TILED_RESULTS = 256;
export const LEAST_TILED_DEPTH = 8;

/** Rows (channels of the result), and depth, from which a convolution is tiled. Reasoned: as above. */
export const LEAST_CONV2D_ROWS = 9;
export const LEAST_CONV2D_DEPTH = 16;

/**
 * Workgroups from which a tile is preferred to smaller ones, which load each operand more often but keep more cores
 * busy. Reasoned: a large GPU has 100 to 150 cores, and needs one or two workgroups on each. The smallest tile
 * serves the rest.
 */
export const LEAST_MATMUL_TILES = { '64x128': 256, '64x64': 64, '32x32': 1 } as const;
export const LEAST_CONV2D_TILES = { '64x128': 256, '32x128': 256, '64x64': 128, '32x32': 1 } as const;

/**
 * Share of a tile's results that must exist. Reasoned: where more are missing, a smaller tile has less to compute.
 */
export const LEAST_TILE_USE = 0.7;

// ---- Software adapters: conv2d by rows, in the registers of one subgroup (conv2d_rows)

/**
 * Columns and channels of the result from which rows are preferred. Reasoned: half a register tile; the lanes of a
 * subgroup.
 */
export const LEAST_ROWS_WIDTH = 7;
export const LEAST_ROWS_CHANNELS = 8;

/**
 * Pixels in a lane's registers, for kernels up to 3x3 (`small`) and 5x5 (`large`). Measured: 56 results are faster
 * than 28 or 112; tiles that spill compile for seconds. The code is unrolled over pixels and taps: with more taps
 * there is room for fewer pixels.
 */
export const ROWS_TILE = { small: { rows: 4, width: 14 }, large: { rows: 2, width: 8 } } as const;

/**
 * Pixels that the weight gradient takes at a time, and channels in a lane's registers (each with all taps). As
 * above.
 */
export const ROWS_WEIGHT_TILE = { small: { width: 7, channels: 4 }, large: { width: 4, channels: 2 } } as const;

/**
 * Images of a slice of the weight gradient, at least, and slices, at most. Reasoned: enough for some cores, short
 * sums.
 */
export const LEAST_SLICE_IMAGES = 8;
export const MAX_IMAGE_SLICES = 64;

// ---- Every adapter: conv2d of any settings

/**
 * Channels that an invocation makes of each element it loads, by how many there are. Reasoned: their sums fit in
 * registers.
 */
export const channelTile = (channels: number): number => {
  if (channels === 1) return 1;
  return channels > 4 ? 8 : 4;
};

// ---- BatchNorm: channels cut into slices, one for each lane

/** Terms that a lane adds up, at most. Reasoned: longer sums lose digits, here of a variance too. */
export const LONGEST_CHANNEL_SUM = 2048;

/** Terms that are worth a lane of their own. Reasoned: for fewer, joining the lanes would show. */
export const SHORTEST_CHANNEL_SUM = 16;

/**
 * Lanes that keep an adapter busy with sums over channels. Reasoned: as `BUSY_INVOCATIONS`, for sums that are joined.
 */
export const BUSY_CHANNEL_LANES: PerKind = { cpu: 1024, gpu: 131072 };

/**
 * Terms of a lane up to which one workgroup does all of a channel in one dispatch. Reasoned: beyond, its lanes are
 * too few.
 */
export const SINGLE_WORKGROUP_SUM: PerKind = { cpu: 256, gpu: 32 };

/** Elements that a lane normalises. Reasoned: so that it loads the channel's statistics once for several. */
export const NORMALISED_ELEMENTS: PerKind = { cpu: 64, gpu: 8 };

/** Neighbours in a row of a channel that neighbouring lanes read. Reasoned: together they read memory in order. */
export const CHANNEL_ROW = 64;

// ---- Pooling

/** Elements that an invocation of the pooling kernels computes. Measured: a software adapter divides slowly. */
export const POOL2D_ELEMENTS: PerKind = { cpu: 4, gpu: 1 };

/**
 * Elements of the block that an invocation of the backward pass writes, at most. Reasoned: larger ones leave too few.
 */
export const MAX_POOL2D_BLOCK = 16;
