import { FileError } from './file-error';

/** One of Node's own modules. Its name is not a literal, so that no bundler follows it into a browser bundle. */
export async function nodeModule<T>(name: string): Promise<T> {
  const id = `node:${name}`;
  try {
    return (await import(/* @vite-ignore */ /* webpackIgnore: true */ id)) as T;
  } catch (cause) {
    throw new FileError('file paths work only in Node: in a browser use toSafetensors(), fromSafetensors() and Blobs', {
      cause,
    });
  }
}

type Fs = typeof import('node:fs/promises');

const failed = (what: string, path: string, cause: unknown): FileError =>
  new FileError(`${what} ${path}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });

/** Writes a file under another name first, so that a failure leaves what was there. Throws `FileError`. */
export async function writeFileAtomic(path: string, bytes: Uint8Array): Promise<void> {
  const fs = await nodeModule<Fs>('fs/promises');
  const draft = `${path}.${crypto.randomUUID()}.tmp`;
  try {
    // On the disk before it takes the other's name, so that a loss of power leaves one of the two.
    await fs.writeFile(draft, bytes, { flush: true });
    await fs.rename(draft, path);
  } catch (cause) {
    await fs.rm(draft, { force: true }).catch(() => undefined);
    throw failed('cannot write', path, cause);
  }
}

/** The bytes of a file. Throws `FileError`. */
export async function readFileBytes(path: string): Promise<Uint8Array> {
  const fs = await nodeModule<Fs>('fs/promises');
  try {
    return await fs.readFile(path);
  } catch (cause) {
    throw failed('cannot read', path, cause);
  }
}
