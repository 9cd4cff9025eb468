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
  workgroups: readonly [number, number, number];
  /** Arithmetic operations of the kernel (a multiply-add is two), for the profiler. */
  flops?: number;
}

/** WebGPU's limit on workgroups per dimension. */
export const MAX_WORKGROUPS = 65535;

/** A row of workgroups, folded into two dimensions: a kernel's number is `id.x + id.y * num_workgroups.x`. */
export function foldWorkgroups(workgroups: number): [number, number, number] {
  if (workgroups <= MAX_WORKGROUPS) return [workgroups, 1, 1];
  const y = Math.ceil(workgroups / MAX_WORKGROUPS);
  return [Math.ceil(workgroups / y), y, 1];
}
