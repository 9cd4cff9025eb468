import linearSource from '../../../shaders/lib/linear.wgsl?raw';
import vectorSource from '../../../shaders/lib/vector.wgsl?raw';
import type { Device } from '../device';
import { INVOCATION_ITEMS } from '../../variants/cost-model';
import { foldWorkgroups } from './launch';
import { kernel, type Kernel, type ShaderModule } from './kernel';
import type { Params } from '../../wgsl/params';
import type { Defines } from '../../wgsl/template';
import type { BufferView } from '../stream/commands';

/** Invocations of a workgroup in kernels with one invocation per element. */
const WG = 64;

/** `multiItem`: an invocation serves ITEMS elements in a loop. */
interface ElementKernelOptions {
  readonly multiItem?: boolean;
}

// Without a loop in the kernel, ITEMS is not defined: a kernel that uses it but does not say so does not expand.
const numbered = (multiItem: boolean): string =>
  `//@let PER_WORKGROUP = ${multiItem ? 'WG * ITEMS' : 'WG'}\n${linearSource}`;

/** A kernel whose invocations are numbered by `linear_index`; see `kernel()`. */
export function elementKernel<Name extends string>(
  name: Name,
  load: () => Promise<ShaderModule<NoInfer<Name>>>,
  { multiItem = false }: ElementKernelOptions = {},
): Kernel {
  return kernel(name, load, { libraries: [numbered(multiItem)], multiItem });
}

/** An `elementKernel` on elements of type `V`: see lib/vector.wgsl. */
export function vectorKernel<Name extends string>(
  name: Name,
  load: () => Promise<ShaderModule<NoInfer<Name>>>,
  { multiItem = false }: ElementKernelOptions = {},
): Kernel {
  return kernel(name, load, { libraries: [numbered(multiItem), vectorSource], multiItem });
}

/** The defines of a `vectorKernel` over `count` elements of a WGSL type. */
export function vectorOf(count: number, type = 'f32'): { VEC: 1 | 4; V: string } {
  return count % 4 === 0 ? { VEC: 4, V: `vec4<${type}>` } : { VEC: 1, V: type };
}

/**
 * Launches an `elementKernel` for `count` elements over `tensors` (or parts of buffers), in the order of its bindings;
 * `flops` as in `Launch`.
 */
export function launchElements(
  device: Device,
  op: string,
  kernel: Kernel,
  count: number,
  tensors: readonly { readonly view: BufferView }[],
  params: Params | (() => Params),
  defines: Defines = {},
  flops?: number,
): void {
  const items = kernel.multiItem ? INVOCATION_ITEMS[device.info.kind] : null;
  device.launch({
    op,
    kernel,
    defines: { WG, ...(items === null ? {} : { ITEMS: items }), ...defines },
    params,
    views: tensors.map((tensor) => tensor.view),
    workgroups: foldWorkgroups(Math.ceil(count / (WG * (items ?? 1)))),
    flops,
  });
}

/** Launches a `vectorKernel` over tensors of `count` elements (of a WGSL type) each; the uniform `n` is added. */
export function launchVectors(
  device: Device,
  op: string,
  kernel: Kernel,
  count: number,
  tensors: readonly { readonly view: BufferView }[],
  params: Params,
  defines: Defines = {},
  type?: string,
): void {
  const vector = vectorOf(count, type);
  const n = count / vector.VEC;
  launchElements(device, op, kernel, n, tensors, { n, ...params }, { ...vector, ...defines });
}
