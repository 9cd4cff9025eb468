import { GpuError } from '../../device/errors';
import type { DispatchCommand } from '../stream/commands';
import { packParams, type Params } from '../../wgsl/params';
import { align } from '../memory/align';
import type { CompiledKernel } from './kernel';

/** The compiled kernel of `command`. Throws `GpuError` when there is none (yet). */
export function compiledKernel({ op, pipeline }: DispatchCommand): CompiledKernel {
  if (!pipeline.ready) throw new GpuError(`${op}: kernel ${pipeline.name} is not compiled`);
  return pipeline.ready;
}

/** Bytes that the uniforms of `command` take in a buffer with those of others; 0 for a kernel without uniforms. */
export const uniformBytes = (command: DispatchCommand): number => align(compiledKernel(command).params?.size ?? 0);

/** The bind group of a dispatch: its uniforms (by dynamic offset) and its storage buffers. */
export function bindGroupFor(device: GPUDevice, command: DispatchCommand, uniforms: GPUBuffer): GPUBindGroup {
  const { op, pipeline, views } = command;
  const { params, layout, storages } = compiledKernel(command);
  if (storages !== views.length)
    throw new GpuError(`${op}: kernel ${pipeline.name} binds ${storages} buffers, got ${views.length}`);
  return device.createBindGroup({
    label: `${op} (kernel ${pipeline.name})`,
    layout,
    entries: [
      ...(params ? [{ binding: 0, resource: { buffer: uniforms, size: params.size } }] : []),
      ...views.map(({ storage, offset, size }, i) => ({
        binding: i + 1,
        resource: { buffer: storage.buffer, offset, size },
      })),
    ],
  });
}

/** Writes `values` as the uniforms of `command` at byte `at`. */
export function packCommand(command: DispatchCommand, values: Params, view: DataView, at: number): void {
  const { params } = compiledKernel(command);
  if (!params) return;
  try {
    packParams(params, values, view, at);
  } catch (error) {
    const { op, pipeline } = command;
    throw new GpuError(`${op}: kernel ${pipeline.name}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}
