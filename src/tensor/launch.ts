import linearSource from '../../shaders/lib/linear.wgsl?raw';
import { linear, type Device } from '../runtime/device';
import { kernel, type Kernel } from '../runtime/pipelines';
import type { Params } from '../runtime/params';
import type { Defines } from '../runtime/template';
import type { Tensor } from './tensor';

/** Invocations of a workgroup in kernels that have one invocation an element. */
const WG = 64;

/** Elements of an invocation in kernels that loop: starting one costs a CPU as much as a few elements do. */
const ITEMS = { cpu: 8, gpu: 1 } as const;

/** A kernel whose invocations are numbered by `linear_index`. */
export function elementKernel(name: string, ...sources: readonly string[]): Kernel {
  return kernel(name, linearSource, ...sources);
}

/**
 * Launches an `elementKernel` with at least `count` invocations over `tensors` (or parts of buffers), in the order of its
 * bindings; `flops` as in `Launch`.
 */
export function launchElements(
  device: Device,
  op: string,
  kernel: Kernel,
  count: number,
  tensors: readonly Pick<Tensor, 'view'>[],
  params: Params | (() => Params),
  defines: Defines = {},
  flops?: number,
): void {
  const items = kernel.loops ? ITEMS[device.info.kind] : 1;
  device.launch({
    op,
    kernel,
    defines: { WG, ITEMS: items, ...defines },
    params,
    views: tensors.map((tensor) => tensor.view),
    groups: linear(Math.ceil(count / (WG * items))),
    flops,
  });
}
