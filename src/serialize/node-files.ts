/** Files in Node. The module names are not literals, so that no bundler follows them into a browser bundle. */
async function nodeModule<T>(name: string): Promise<T> {
  const id = `node:${name}`;
  return (await import(/* @vite-ignore */ /* webpackIgnore: true */ id)) as T;
}

type Fs = typeof import('node:fs/promises');

/** Writes a file as a whole: under another name first, so that a failure leaves what was there. */
export async function writeFileWhole(path: string, bytes: Uint8Array): Promise<void> {
  const fs = await nodeModule<Fs>('fs/promises');
  const draft = `${path}.${Date.now().toString(36)}.tmp`;
  try {
    await fs.writeFile(draft, bytes);
    await fs.rename(draft, path);
  } catch (error) {
    await fs.rm(draft, { force: true });
    throw error;
  }
}

export async function readFileWhole(path: string): Promise<Uint8Array> {
  const fs = await nodeModule<Fs>('fs/promises');
  return fs.readFile(path);
}
