import type { ParamsLayout } from '../../wgsl/params';

/**
 * A shader of shaders/, by name. Binding 0 is `struct Params` as a uniform buffer; bindings 1, 2, … are storage
 * buffers.
 */
export interface Kernel {
  readonly name: string;
  /** Loads the text, in the template language. */
  readonly source: () => Promise<string>;
  /** Whether one invocation can process several elements (ITEMS of them, in a loop). */
  readonly multiItem: boolean;
}

/** What a module of shaders (`shaders.lazy.ts`) exports: of each kernel its text, with the libraries before it. */
export interface ShaderModule<Name extends string> {
  readonly shaders: Readonly<Record<Name, readonly string[]>>;
}

/**
 * The kernel of this name in the module that `load` imports on demand, so that a page downloads only the shaders that
 * it runs. `libraries` come before what the module names.
 */
export function kernel<Name extends string>(
  name: Name,
  load: () => Promise<ShaderModule<NoInfer<Name>>>,
  { libraries = [], multiItem = false }: { readonly libraries?: readonly string[]; readonly multiItem?: boolean } = {},
): Kernel {
  return { name, multiItem, source: async () => [...libraries, ...(await load()).shaders[name]].join('\n') };
}

/** What is known of a kernel once it is compiled for one set of defines. */
export interface CompiledKernel {
  readonly pipeline: GPUComputePipeline;
  readonly params: ParamsLayout | null;
  readonly layout: GPUBindGroupLayout;
  /** Number of storage buffers it binds. */
  readonly storages: number;
}

/** A kernel that is being compiled, or was, for one set of defines. */
export interface Pipeline {
  readonly id: number;
  readonly name: string;
  /** The defines, as `A=1 B=2`. */
  readonly variant: string;
  /** `null` while it is loaded and compiled. */
  ready: CompiledKernel | null;
  /** Rejects when the source cannot be loaded or does not compile. */
  readonly compiled: Promise<void>;
}
