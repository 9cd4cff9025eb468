import type { BufferView } from '../stream/commands';
import type { Params } from '../../wgsl/params';
import type { Kernel } from './kernel';
import type { Defines } from '../../wgsl/template';

/** One kernel launch. */
export interface Launch {
  /** The op, for error messages and the profiler. */
  op: string;
  kernel: Kernel;
  defines?: Defines;
  /**
   * The uniforms; a function if they differ from one replay of a captured step to the next (learning rate, counter).
   */
  params?: Params | (() => Params);
  /** Storage buffers in the order of the kernel's bindings 1, 2, … */
  views: readonly BufferView[];
  /** Workgroups in x, y and z; see `foldWorkgroups()` for one long row of them. */
  groups: readonly [number, number, number];
  /** Arithmetic operations of the kernel (a multiply-add is two), for the profiler. */
  flops?: number;
}

/** WebGPU's limit on workgroups per dimension. */
export const MAX_GROUPS = 65535;

/** `groups` workgroups in a row, folded into two dimensions: a kernel's number is `id.x + id.y * num_workgroups.x`. */
export function foldWorkgroups(groups: number): [number, number, number] {
  if (groups <= MAX_GROUPS) return [groups, 1, 1];
  const y = Math.ceil(groups / MAX_GROUPS);
  return [Math.ceil(groups / y), y, 1];
}
