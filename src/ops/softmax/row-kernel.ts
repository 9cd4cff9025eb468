import { launchElements } from '../../runtime/kernels/element-kernel';
import type { Device } from '../../runtime/device';
import type { BufferView } from '../../runtime/stream/commands';
import type { Kernel } from '../../runtime/kernels/kernel';
import type { Params } from '../../wgsl/params';
import type { Defines } from '../../wgsl/template';
import { sizeOf, type Shape } from '../../tensor/shape';
import { LEAST_LONG_ROW } from '../../variants/cost-model';

/** A tensor [outer, length, inner] seen as outer · inner rows of `length` elements that lie `inner` apart. */
export interface Rows {
  readonly rows: number;
  readonly length: number;
  readonly inner: number;
}

/** The rows of `shape` along `axis`. */
export function rowsOf(shape: Shape, axis: number): Rows {
  const inner = sizeOf(shape.slice(axis + 1));
  return { rows: sizeOf(shape.slice(0, axis)) * inner, length: shape[axis], inner };
}

/** Invocations of the workgroup that serves one long row. */
const LANES = 64;

/**
 * Launches an `elementKernel` that reduces rows with the functions of shaders/lib/rows.wgsl and whose `Params` have the fields of
 * `Rows`: one invocation a row where the rows are short, else one workgroup.
 */
export function launchRows(
  device: Device,
  op: string,
  kernel: Kernel,
  rows: Rows,
  tensors: readonly { readonly view: BufferView }[],
  params: Params = {},
  defines: Defines = {},
): void {
  const lanes = rows.length < LEAST_LONG_ROW[device.info.kind] ? 1 : LANES;
  const all = { rows: rows.rows, length: rows.length, inner: rows.inner, ...params };
  launchElements(device, op, kernel, rows.rows * lanes, tensors, all, { WG: LANES, LANES: lanes, ...defines });
}
