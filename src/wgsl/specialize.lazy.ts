import type { ParamsLayout } from './params';
import { paramsLayout } from './params-layout';
import { expand, type Defines } from './template';

export interface Binding {
  readonly binding: number;
  readonly type: GPUBufferBindingType;
}

/** A kernel's source for one set of defines, as WGSL, with what the host must know of it. */
export interface SpecializedShader {
  readonly wgsl: string;
  readonly params: ParamsLayout | null;
  readonly bindings: readonly Binding[];
}

function bindingsOf(wgsl: string): Binding[] {
  const found = wgsl.matchAll(/@binding\((\d+)\)\s*var<\s*(uniform|storage)\s*(?:,\s*(\w+)\s*)?>/g);
  return [...found].map(([, binding, space, access]) => ({
    binding: Number(binding),
    type: space === 'uniform' ? 'uniform' : access === 'read_write' ? 'storage' : 'read-only-storage',
  }));
}

/** Expands `source` in the template language. Throws with the line on a mistake. */
export function specialize(source: string, defines: Defines): SpecializedShader {
  const text = expand(source, defines);
  const wgsl = /\bsubgroup\w+\(/.test(text) ? `enable subgroups;\n${text}` : text;
  return { wgsl, params: paramsLayout(text), bindings: bindingsOf(wgsl) };
}

/** The lines around a compile error, with the place marked; empty where the compiler names none. */
export async function compileMessage(module: GPUShaderModule, wgsl: string): Promise<string> {
  const { messages } = await module.getCompilationInfo();
  const lines = wgsl.split('\n');
  return messages
    .filter((message) => message.type === 'error')
    .map((m) => `\n  ${m.lineNum}:${m.linePos} ${m.message}\n  | ${lines[m.lineNum - 1] ?? ''}`)
    .join('');
}
