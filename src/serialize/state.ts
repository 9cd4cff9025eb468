import { readFileWhole, writeFileWhole } from '../device/files';
import type { Device } from '../runtime/device';
import { tensor } from '../tensor/create';
import type { Tensor } from '../tensor/tensor';
import { decodeSafetensors, encodeSafetensors, type HostTensor } from './safetensors';

/** Tensors by name, as `module.stateDict()` gives them. */
export type StateDict = Record<string, Tensor>;

/** The bytes of a safetensors file. */
export async function toSafetensors(tensors: StateDict, metadata: Record<string, string> = {}): Promise<Uint8Array> {
  const entries = await Promise.all(
    Object.entries(tensors).map(async ([name, t]): Promise<[string, HostTensor]> => [
      name,
      { dtype: t.dtype, shape: t.shape, data: await t.data() },
    ]),
  );
  return encodeSafetensors(Object.fromEntries(entries), metadata);
}

/** The tensors of a safetensors file's bytes. Throws in one line, naming `name`, when they are not one. */
export function fromSafetensors(
  bytes: Uint8Array,
  { name = 'safetensors', device }: { name?: string; device?: Device } = {},
): StateDict {
  const { tensors } = decodeSafetensors(bytes, name);
  return Object.fromEntries(
    Object.entries(tensors).map(([key, { shape, data }]) => {
      try {
        return [key, tensor(data, { shape, device })];
      } catch (cause) {
        throw new Error(`${name}: tensor ${key}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
      }
    }),
  );
}

/** Writes a safetensors file (Node). What was at `path` stays until the new file is whole. Throws naming `path`. */
export async function saveSafetensors(
  path: string,
  tensors: StateDict,
  metadata: Record<string, string> = {},
): Promise<void> {
  await writeFileWhole(path, await toSafetensors(tensors, metadata));
}

/** Reads a safetensors file: a path (Node), or a `Blob` such as a dropped file. Throws in one line when it is not one. */
export async function loadSafetensors(source: string | Blob, options: { device?: Device } = {}): Promise<StateDict> {
  const bytes = typeof source === 'string' ? await readFileWhole(source) : new Uint8Array(await source.arrayBuffer());
  return fromSafetensors(bytes, { name: typeof source === 'string' ? source : 'file', ...options });
}
