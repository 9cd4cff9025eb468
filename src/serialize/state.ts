import { checkOptions } from '../device/options';
import { FileError } from '../device/file-error';
import { readFileBytes, writeFileAtomic } from '../device/files';
import type { Device } from '../runtime/device';
import type { DType } from '../tensor/dtype';
import { tensor } from '../tensor/create/create';
import type { StateDict } from '../tensor/state-dict';
import type { Tensor } from '../tensor/tensor';
import { decodeSafetensors, type NameFilter } from './decode';
import { encodeSafetensors } from './encode';
import { readHeader } from './header';
import type { HostTensor } from './host-tensor';
import { show } from './show';

/** Options of `loadSafetensors()` and `fromSafetensors()`. */
export interface LoadOptions {
  /** Default: the first device opened. */
  device?: Device;
  /** Which tensors are loaded: names, or a function of the name; default all. */
  names?: NameFilter;
}

/**
 * The bytes of a safetensors file. A tensor under several names (tied weights) is written once, under the first; the metadata maps the
 * others to it, as `safetensors.torch.save_model` does. Throws `TypeError` for what is no tensor or metadata that is not a string, `RangeError` for a
 * name that cannot be written.
 */
export async function toSafetensors(
  tensors: StateDict<DType>,
  metadata: Record<string, string> = {},
): Promise<Uint8Array> {
  const names = new Map<Tensor<DType>, string>();
  const again: Record<string, string> = {};
  for (const [name, t] of Object.entries(tensors)) {
    const first = names.get(t);
    if (first === undefined) names.set(t, name);
    else again[name] = first;
  }
  const entries = await Promise.all(
    [...names].map(async ([t, name]): Promise<[string, HostTensor]> => [
      name,
      { dtype: t.dtype, shape: t.shape, data: await t.data() },
    ]),
  );
  return encodeSafetensors(Object.fromEntries(entries), { ...again, ...metadata });
}

export interface FromSafetensorsOptions extends LoadOptions {
  /** What errors call the file; default 'safetensors'. */
  name?: string;
}

/**
 * The tensors of a safetensors file's bytes. F32, I32 and U32 are read bit for bit; F16 and BF16 become float32, F64 is rounded to
 * it; I8, I16 and I64 become int32; BOOL, U8, U16 and U64 become uint32. A name that the metadata maps to that of a tensor is another
 * name of it, unless `names` are given.
 * Throws `FileError` in one line that names `name` (what errors call the file) and the tensor: when the bytes are no safetensors
 * file, or a tensor that is loaded cannot be held here, such as an I64 past int32. `names` leaves such a tensor out.
 */
export function fromSafetensors<D extends DType = 'float32'>(
  bytes: Uint8Array,
  options: FromSafetensorsOptions = {},
): StateDict<D> {
  checkOptions('fromSafetensors', options, 'name device names');
  const { name = 'safetensors', device, names } = options;
  const { tensors } = decodeSafetensors(bytes, name, names);
  const made: [string, Tensor<D>][] = [];
  try {
    for (const [key, { shape, data }] of Object.entries(tensors)) {
      if (shape.includes(0)) throw new FileError(`${name}: tensor ${show(key)}: shape ${show(shape)} has no elements`);
      made.push([key, tensor(data, { shape, device }) as Tensor<DType> as Tensor<D>]);
    }
  } catch (error) {
    for (const [, t] of made) t.dispose();
    throw error;
  }
  const stored = new Map(made);
  if (names === undefined) {
    for (const [key, first] of Object.entries(readHeader(bytes, name).metadata)) {
      const tied = stored.get(first);
      if (tied && !stored.has(key)) made.push([key, tied]);
    }
  }
  return Object.fromEntries(made);
}

/**
 * Writes a safetensors file (Node). What was at `path` stays until the new file is complete. Throws `FileError` naming `path`, and
 * as `toSafetensors` does.
 */
export async function saveSafetensors(
  path: string,
  tensors: StateDict<DType>,
  metadata: Record<string, string> = {},
): Promise<void> {
  await writeFileAtomic(path, await toSafetensors(tensors, metadata));
}

const bytesOf = async (source: string | Blob): Promise<[name: string, bytes: Uint8Array]> =>
  typeof source === 'string'
    ? [source, await readFileBytes(source)]
    : ['name' in source ? String(source.name) : 'file', new Uint8Array(await source.arrayBuffer())];

/** Reads a safetensors file: a path (Node), or a `Blob` such as a dropped file. Throws `FileError` as `fromSafetensors` does. */
export async function loadSafetensors<D extends DType = 'float32'>(
  source: string | Blob,
  options: LoadOptions = {},
): Promise<StateDict<D>> {
  checkOptions('loadSafetensors', options, 'device names');
  const [name, bytes] = await bytesOf(source);
  return fromSafetensors(bytes, { name, ...options });
}

/** The metadata of a safetensors file: a path (Node), a `Blob`, or its bytes. Throws `FileError` when it is not one. */
export async function readSafetensorsMetadata(source: string | Blob | Uint8Array): Promise<Record<string, string>> {
  const [name, bytes] = source instanceof Uint8Array ? ['safetensors', source] : await bytesOf(source);
  return { ...readHeader(bytes, name).metadata };
}
