import type { ParamsLayout } from '../../wgsl/params';

/** A shader of shaders/, by name. Binding 0 is `struct Params` as a uniform buffer; bindings 1, 2, … are storage buffers. */
export interface Kernel {
  readonly name: string;
  readonly source: string;
  /** Whether one invocation can process several elements (ITEMS of them, in a loop). */
  readonly multiItem: boolean;
}

/** The kernel of the last of `sources`; those before it are its libraries. */
export function kernel(name: string, ...sources: readonly string[]): Kernel {
  return { name, source: sources.join('\n'), multiItem: /\bITEMS\b/.test(sources.at(-1) ?? '') };
}

/** A kernel compiled for one set of defines. */
export interface Pipeline {
  readonly id: number;
  readonly name: string;
  /** The defines, as `A=1 B=2`. */
  readonly variant: string;
  readonly wgsl: string;
  readonly params: ParamsLayout | null;
  readonly layout: GPUBindGroupLayout;
  /** Number of storage buffers it binds. */
  readonly storages: number;
  /** `null` while it compiles. */
  ready: GPUComputePipeline | null;
  readonly compiled: Promise<void>;
}
