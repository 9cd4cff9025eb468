import { GpuError } from '../../device/errors';
import { STAGE_COMPUTE } from '../../device/webgpu-flags';
import type { Gpu } from '../../device/gpu';
import type { Observers } from '../observer';
import type * as Specialize from '../../wgsl/specialize.lazy';
import type { Defines } from '../../wgsl/template';
import type { CompiledKernel, Kernel, Pipeline } from './kernel';

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export class PipelineCache {
  readonly #gpu: Gpu;
  readonly #observers: Observers;
  // By the kernel itself: two of one name must not be taken for each other.
  readonly #byKernel = new Map<Kernel, Map<string, Pipeline>>();
  readonly #layouts = new Map<string, GPUBindGroupLayout>();
  #size = 0;

  constructor(gpu: Gpu, observers: Observers) {
    this.#gpu = gpu;
    this.#observers = observers;
  }

  /** How many pipelines have been created. */
  get size(): number {
    return this.#size;
  }

  /** Resolves when all pipelines requested so far are compiled or have failed to compile. */
  async settled(): Promise<void> {
    const all = [...this.#byKernel.values()].flatMap((variants) => [...variants.values()]);
    await Promise.allSettled(all.map(({ compiled }) => compiled));
  }

  /** The pipeline of `kernel` for these defines; the first call for them starts to load and compile it. */
  get(kernel: Kernel, defines: Defines): Pipeline {
    let variants = this.#byKernel.get(kernel);
    if (!variants) {
      variants = new Map();
      this.#byKernel.set(kernel, variants);
    }
    let key = kernel.name;
    for (const name in defines) key += `|${name}=${defines[name]}`;
    let pipeline = variants.get(key);
    if (!pipeline) {
      pipeline = this.#create(key, kernel, defines, variants);
      variants.set(key, pipeline);
    }
    return pipeline;
  }

  #layout(entries: readonly Specialize.Binding[]): GPUBindGroupLayout {
    const key = entries.map(({ binding, type }) => `${binding}:${type}`).join(',');
    let layout = this.#layouts.get(key);
    if (!layout) {
      layout = this.#gpu.device.createBindGroupLayout({
        label: key,
        entries: entries.map(({ binding, type }) => ({
          binding,
          visibility: STAGE_COMPUTE,
          buffer: { type, hasDynamicOffset: type === 'uniform' },
        })),
      });
      this.#layouts.set(key, layout);
    }
    return layout;
  }

  #create(key: string, kernel: Kernel, defines: Defines, variants: Map<string, Pipeline>): Pipeline {
    const compiled = Promise.all([kernel.source(), import('../../wgsl/specialize.lazy')])
      .catch((cause: unknown) => {
        // The next use tries again: a page can be offline for a moment.
        variants.delete(key);
        throw new GpuError(`the source of kernel ${kernel.name} could not be loaded: ${messageOf(cause)}`, { cause });
      })
      .then(([source, tools]) => this.#compile(key, pipeline, source, defines, tools))
      .then((ready) => {
        pipeline.ready = ready;
      });
    // A failure reaches the caller through the stream; without this line Node would also call it unhandled.
    compiled.catch(() => undefined);
    const pipeline: Pipeline = {
      id: this.#size++,
      name: kernel.name,
      variant: Object.entries(defines)
        .map(([name, value]) => `${name}=${value}`)
        .join(' '),
      ready: null,
      compiled,
    };
    return pipeline;
  }

  #throwIfLost(): void {
    if (this.#gpu.lostError) throw this.#gpu.lostError;
  }

  async #compile(
    key: string,
    kernel: Pipeline,
    source: string,
    defines: Defines,
    { specialize, compileMessage }: typeof Specialize,
  ): Promise<CompiledKernel> {
    this.#throwIfLost();
    const { device } = this.#gpu;
    this.#observers.runtime?.compiling(kernel, performance.now());
    let shader: Specialize.SpecializedShader;
    try {
      shader = specialize(source, defines);
    } catch (cause) {
      throw new GpuError(`kernel ${key}: ${messageOf(cause)}`, { cause });
    }
    const { wgsl, params, bindings } = shader;
    this.#observers.pipelineCreated?.(kernel, wgsl);
    const layout = this.#layout(bindings);
    // The pipeline reports a shader's mistakes; without the scope they would also be reported as errors of other work.
    device.pushErrorScope('validation');
    const module = device.createShaderModule({ label: key, code: wgsl });
    device.popErrorScope().catch(() => undefined);
    try {
      const pipeline = await device.createComputePipelineAsync({
        label: key,
        layout: device.createPipelineLayout({ label: key, bindGroupLayouts: [layout] }),
        compute: { module, entryPoint: 'main' },
      });
      return { pipeline, params, layout, storages: bindings.filter(({ type }) => type !== 'uniform').length };
    } catch (cause) {
      this.#throwIfLost();
      const where = await compileMessage(module, wgsl);
      throw new GpuError(`kernel ${key} does not compile: ${where || messageOf(cause)}`, { cause });
    }
  }
}
