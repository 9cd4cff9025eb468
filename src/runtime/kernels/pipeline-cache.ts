import { GpuError } from '../../device/errors';
import { STAGE_COMPUTE } from '../../device/webgpu-flags';
import type { Gpu } from '../../device/gpu';
import { paramsLayout } from '../../wgsl/params';
import type { Observers } from '../observer';
import { expand, type Defines } from '../../wgsl/template';
import type { Kernel, Pipeline } from './kernel';

function bindings(wgsl: string): { binding: number; type: GPUBufferBindingType }[] {
  const found = wgsl.matchAll(/@binding\((\d+)\)\s*var<\s*(uniform|storage)\s*(?:,\s*(\w+)\s*)?>/g);
  return [...found].map(([, binding, space, access]) => ({
    binding: Number(binding),
    type: space === 'uniform' ? 'uniform' : access === 'read_write' ? 'storage' : 'read-only-storage',
  }));
}

/** The lines around a compile error, with the place marked. */
async function compileMessage(module: GPUShaderModule, wgsl: string): Promise<string> {
  const { messages } = await module.getCompilationInfo();
  const lines = wgsl.split('\n');
  return messages
    .filter((message) => message.type === 'error')
    .map((m) => `\n  ${m.lineNum}:${m.linePos} ${m.message}\n  | ${lines[m.lineNum - 1] ?? ''}`)
    .join('');
}

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

  /** How many pipelines have been made. */
  get size(): number {
    return this.#size;
  }

  /** Resolves when everything asked for so far is compiled, or found not to compile. */
  async settled(): Promise<void> {
    const all = [...this.#byKernel.values()].flatMap((variants) => [...variants.values()]);
    await Promise.allSettled(all.map(({ compiled }) => compiled));
  }

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
      pipeline = this.#create(key, kernel, defines);
      variants.set(key, pipeline);
      this.#size++;
    }
    return pipeline;
  }

  #layout(entries: readonly { binding: number; type: GPUBufferBindingType }[]): GPUBindGroupLayout {
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

  #create(key: string, kernel: Kernel, defines: Defines): Pipeline {
    const { device } = this.#gpu;
    const since = performance.now();
    let wgsl = expand(kernel.name, kernel.source, defines);
    if (/\bsubgroup\w+\(/.test(wgsl)) wgsl = `enable subgroups;\n${wgsl}`;
    const entries = bindings(wgsl);
    const layout = this.#layout(entries);
    // The pipeline reports a shader's mistakes; without the scope they would be reported a second time, to somebody else.
    device.pushErrorScope('validation');
    const module = device.createShaderModule({ label: key, code: wgsl });
    device.popErrorScope().catch(() => undefined);
    const compiled = device
      .createComputePipelineAsync({
        label: key,
        layout: device.createPipelineLayout({ label: key, bindGroupLayouts: [layout] }),
        compute: { module, entryPoint: 'main' },
      })
      .then(
        (ready) => {
          pipeline.ready = ready;
        },
        async (error: unknown) => {
          if (this.#gpu.lostError) throw this.#gpu.lostError;
          const reason = error instanceof Error ? error.message : String(error);
          const where = await compileMessage(module, wgsl);
          throw new GpuError(`kernel ${key} does not compile: ${where || reason}`, { cause: error });
        },
      );
    // A failure reaches the caller through the stream; without this line Node would also call it unhandled.
    compiled.catch(() => undefined);
    const pipeline: Pipeline = {
      id: this.#size,
      name: kernel.name,
      variant: Object.entries(defines)
        .map(([name, value]) => `${name}=${value}`)
        .join(' '),
      wgsl,
      params: paramsLayout(wgsl),
      layout,
      storages: entries.filter(({ type }) => type !== 'uniform').length,
      ready: null,
      compiled,
    };
    this.#observers.runtime?.compiling(pipeline, since);
    this.#observers.pipelineCreated?.(pipeline);
    return pipeline;
  }
}
