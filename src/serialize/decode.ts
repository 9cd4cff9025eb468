import { FileError } from '../device/file-error';
import { readHeader, type TensorEntry } from './header';
import type { HostTensor } from './host-tensor';
import { show } from './show';
import { STORED_NAMES, storedType } from './stored-types';

/** Which tensors of a file are read: those of these names, or those for whose name the function returns true. */
export type NameFilter = readonly string[] | ((name: string) => boolean);

/** The entries that are asked for, in the file's order. Throws `FileError` for a name that the file does not hold. */
function selected(entries: readonly TensorEntry[], names: NameFilter, file: string): TensorEntry[] {
  if (typeof names === 'function') return entries.filter(({ name }) => names(name));
  const asked = new Set(names);
  const found = entries.filter(({ name }) => asked.delete(name));
  for (const name of asked) throw new FileError(`${file}: holds no tensor ${show(name)}`);
  return found;
}

function read(
  bytes: Uint8Array,
  start: number,
  { name, dtype, shape, begin, end }: TensorEntry,
  file: string,
): HostTensor {
  const where = `${file}: tensor ${show(name)}`;
  const remedy = 'leave it out by the option `names` to read the others';
  const type = storedType(dtype);
  if (!type) throw new FileError(`${where}: expected one of ${STORED_NAMES.join(', ')}, got ${show(dtype)}; ${remedy}`);
  // Not bytes.slice(): a Node Buffer's gives a view, and the data may lie unaligned.
  const own = new Uint8Array(bytes.subarray(start + begin, start + end));
  try {
    return { dtype: type.dtype, shape, data: type.read(own) };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new FileError(`${where}: ${why}; ${remedy}`, { cause });
  }
}

/**
 * The tensors and metadata of a safetensors file; `names` says which tensors, default all. F32, I32 and U32 are read bit for
 * bit; F16 and BF16 become float32; F64 is rounded to it; I8, I16 and I64 become int32; BOOL, U8, U16 and U64 uint32. The data
 * is copied, so `bytes` may be dropped. `file` is what errors call the file. Both results have no prototype: every name is
 * harmless as a key.
 *
 * @throws FileError that names file, tensor and mismatch: before anything is allocated for a malformed header, or when a tensor
 * that is read has a type of no use here, or a value that its type here cannot hold.
 */
export function decodeSafetensors(
  bytes: Uint8Array,
  file: string,
  names: NameFilter = () => true,
): { tensors: Record<string, HostTensor>; metadata: Record<string, string> } {
  const { entries, metadata, dataStart } = readHeader(bytes, file);
  const tensors = Object.create(null) as Record<string, HostTensor>;
  for (const entry of selected(entries, names, file)) tensors[entry.name] = read(bytes, dataStart, entry, file);
  return { tensors, metadata };
}
