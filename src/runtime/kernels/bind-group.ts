import { GpuError } from '../../device/errors';
import type { DispatchCommand } from '../stream/commands';
import { packParams, type Params } from '../../wgsl/params';

/** Uniform offsets are multiples of this (the WebGPU default of minUniformBufferOffsetAlignment). */
const UNIFORM_ALIGN = 256;

export const align = (n: number): number => Math.ceil(n / UNIFORM_ALIGN) * UNIFORM_ALIGN;

/** The bind group of a dispatch: its uniforms (by dynamic offset) and its storage buffers. */
export function bindGroupFor(
  device: GPUDevice,
  { op, pipeline, views }: DispatchCommand,
  uniforms: GPUBuffer,
): GPUBindGroup {
  return device.createBindGroup({
    label: `${op} (kernel ${pipeline.name})`,
    layout: pipeline.layout,
    entries: [
      ...(pipeline.params ? [{ binding: 0, resource: { buffer: uniforms, size: pipeline.params.size } }] : []),
      ...views.map(({ storage, offset, size }, i) => ({
        binding: i + 1,
        resource: { buffer: storage.buffer, offset, size },
      })),
    ],
  });
}

/** Writes `params` as the uniforms of `command` at byte `at`; returns how many bytes they take. */
export function packCommand({ op, pipeline }: DispatchCommand, params: Params, view: DataView, at: number): number {
  if (!pipeline.params) return 0;
  try {
    packParams(pipeline.params, params, view, at);
  } catch (error) {
    throw new GpuError(`${op}: kernel ${pipeline.name}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
  return align(pipeline.params.size);
}
