import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { MNIST_FILES, readSets, type MnistFile, type MnistSet } from './mnist-set';
import { reason } from './reason';

/**
 * MNIST from a folder with the four IDX files, each raw or gzipped, spelt `train-images-idx3-ubyte` or `train-images.idx3-ubyte`.
 * Their structure is checked, not their hashes: any data set of MNIST's form will do.
 *
 * @throws Error in one line when the folder or a file is missing or a file is not what it should be.
 */
export async function readMnistFolder(dir: string): Promise<{ train: MnistSet; test: MnistSet }> {
  const folder = await stat(dir).catch((error: unknown) => {
    throw new Error(`MNIST folder ${dir}: cannot be opened (${reason(error)})`, { cause: error });
  });
  if (!folder.isDirectory()) throw new Error(`MNIST folder ${dir}: is not a folder`);
  const files = {} as Record<MnistFile, { name: string; bytes: Uint8Array }>;
  for (const file of MNIST_FILES) {
    const name = await find(dir, file);
    const bytes = await readFile(name).catch((error: unknown) => {
      throw new Error(`${name}: cannot be read (${reason(error)})`, { cause: error });
    });
    files[file] = { name, bytes };
  }
  return readSets(files);
}

async function find(dir: string, file: MnistFile): Promise<string> {
  const dotted = file.replace('-idx', '.idx');
  for (const name of [file, `${file}.gz`, dotted, `${dotted}.gz`]) {
    const path = join(dir, name);
    // Some archives unpack to a folder of the file's name beside the file.
    if (
      await stat(path)
        .then((s) => s.isFile())
        .catch(() => false)
    )
      return path;
  }
  throw new Error(`MNIST folder ${dir}: has no ${file} (nor ${file}.gz, ${dotted}, ${dotted}.gz)`);
}
