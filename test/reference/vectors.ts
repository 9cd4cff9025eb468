import { decodeSafetensors, type HostTensor } from '../../src/serialize';

/** The files that hold cases of ops. */
export const FAMILIES = [
  'elementwise',
  'reduce',
  'layout',
  'matmul',
  'conv2d',
  'conv_transpose2d',
  'pool2d',
  'upsample',
  'batchnorm',
  'layernorm',
  'losses',
] as const;

/** One call of an op: see README.md. Names are those of tensors in the same file. */
export interface ReferenceCase {
  readonly op: string;
  readonly name: string;
  /** `null`: an absent argument. */
  readonly inputs: readonly (string | null)[];
  readonly attrs: unknown;
  readonly output: string;
  /** The gradient given to `backward()`; `null` where there is none. */
  readonly upstream: string | null;
  readonly grads: readonly (string | null)[];
  /** What the op leaves in the inputs that it overwrites; empty when there are none. */
  readonly updates: readonly (string | null)[];
  readonly atol: number;
  readonly gradAtol: readonly (number | null)[];
  readonly rtol: number;
}

/** The tensors of a file by name. Throws for a name that it does not hold. */
export type Lookup = (name: string) => HostTensor;

async function readVectors(file: string): Promise<Uint8Array> {
  const url = new URL(`./vectors/${file}`, import.meta.url);
  if (url.protocol === 'file:') {
    // Not a literal: a browser bundle must not follow it.
    const id = 'node:fs/promises';
    const { readFile } = (await import(/* @vite-ignore */ id)) as typeof import('node:fs/promises');
    return readFile(url);
  }
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url.href}: ${response.status} ${response.statusText}`);
  return new Uint8Array(await response.arrayBuffer());
}

/** A JSON file under vectors/, in Node or a browser. */
export async function loadJson(file: string): Promise<unknown> {
  return JSON.parse(new TextDecoder().decode(await readVectors(file)));
}

/** A safetensors file under vectors/, in Node or a browser: its tensors and its metadata, parsed. */
export async function loadVectors(name: string): Promise<{ lookup: Lookup; metadata: Record<string, unknown> }> {
  const file = `${name}.safetensors`;
  const { tensors, metadata } = decodeSafetensors(await readVectors(file), file);
  const lookup = (key: string): HostTensor => {
    if (!Object.hasOwn(tensors, key)) throw new Error(`${file}: holds no tensor ${key}`);
    return tensors[key];
  };
  return {
    lookup,
    metadata: Object.fromEntries(Object.entries(metadata).map(([key, text]) => [key, JSON.parse(text) as unknown])),
  };
}

/** The cases of a family of ops. */
export async function loadCases(family: string): Promise<{ lookup: Lookup; cases: readonly ReferenceCase[] }> {
  const { lookup, metadata } = await loadVectors(family);
  return { lookup, cases: metadata.cases as ReferenceCase[] };
}
