import { data } from 'wgrad';

/** `images` is `[count, 28, 28]`, bytes from 0 (paper) to 255 (ink); `labels` is `[count]`, 0 to 9. */
export interface MnistSet {
  images: Uint8Array;
  labels: Uint8Array;
  count: number;
}

/** The names under which MNIST is published, without `.gz`. */
export const MNIST_FILES = [
  'train-images-idx3-ubyte',
  'train-labels-idx1-ubyte',
  't10k-images-idx3-ubyte',
  't10k-labels-idx1-ubyte',
] as const;
export type MnistFile = (typeof MNIST_FILES)[number];

export const SIDE = 28;
export const PIXELS = SIDE * SIDE;
const CLASSES = 10;

interface NamedBytes {
  /** What errors call it. */
  name: string;
  bytes: Uint8Array;
}

/**
 * The training and test set from the bytes of the four IDX files, each raw or gzipped.
 *
 * @throws Error in one line that names the file: not such an IDX file, images that are not 28x28, a label above 9, or labels and
 * images that differ in number.
 */
export async function readSets(
  files: Readonly<Record<MnistFile, NamedBytes>>,
): Promise<{ train: MnistSet; test: MnistSet }> {
  return {
    train: await readSet(files['train-images-idx3-ubyte'], files['train-labels-idx1-ubyte']),
    test: await readSet(files['t10k-images-idx3-ubyte'], files['t10k-labels-idx1-ubyte']),
  };
}

/** One set from its two files. Throws as `readSets` does. */
export async function readSet(imageFile: NamedBytes, labelFile: NamedBytes): Promise<MnistSet> {
  const images = await readBytes(imageFile);
  const [count, height, width] = images.shape;
  if (images.shape.length !== 3 || height !== SIDE || width !== SIDE) {
    throw new Error(`${imageFile.name}: expected shape Nx${SIDE}x${SIDE}, got ${images.shape.join('x')}`);
  }
  const labels = await readBytes(labelFile);
  if (labels.shape.length !== 1) {
    throw new Error(`${labelFile.name}: expected one dimension, got ${labels.shape.join('x')}`);
  }
  if (labels.shape[0] !== count) {
    throw new Error(`${labelFile.name}: has ${labels.shape[0]} labels, ${imageFile.name} has ${count} images`);
  }
  const wrong = labels.data.findIndex((label) => label >= CLASSES);
  if (wrong >= 0) {
    throw new Error(
      `${labelFile.name}: expected labels 0 to ${CLASSES - 1}, got ${labels.data[wrong]} at index ${wrong}`,
    );
  }
  return { images: images.data, labels: labels.data, count };
}

/** MNIST's files hold unsigned bytes. */
async function readBytes({ bytes, name }: NamedBytes): Promise<{ shape: number[]; data: Uint8Array }> {
  const { shape, data: elements } = await data.parseIdx(bytes, name);
  if (!(elements instanceof Uint8Array)) {
    throw new Error(`${name}: expected unsigned bytes, got ${elements.constructor.name}`);
  }
  return { shape, data: elements };
}
