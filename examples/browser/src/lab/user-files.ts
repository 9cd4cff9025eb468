import { data } from 'wgrad';
import { readSet, type MnistSet } from '../../../data/mnist-set';
import { splitSet } from '../../../data/mnist-split';

interface IdxFile {
  name: string;
  bytes: Uint8Array;
  shape: readonly number[];
}

interface Pair {
  images: IdxFile;
  labels: IdxFile;
}

/** Fraction of a single set that is trained on. */
const TRAIN_SHARE = 0.8;

/** A name without the part that tells images from labels. */
const stem = ({ name }: IdxFile): string => name.replace(/images|labels|idx\d|\.gz$/g, '');

/** Each file of images with the file of labels of the same number. */
function pairs(files: readonly IdxFile[]): Pair[] {
  const labelFiles = files.filter(({ shape }) => shape.length === 1);
  return files
    .filter(({ shape }) => shape.length === 3)
    .map((images) => {
      const fitting = labelFiles.filter(({ shape }) => shape[0] === images.shape[0]);
      const labels = fitting.find((file) => stem(file) === stem(images)) ?? fitting.at(0);
      if (!labels) throw new Error(`${images.name}: no file has labels for its ${images.shape[0]} images`);
      labelFiles.splice(labelFiles.indexOf(labels), 1);
      return { images, labels };
    });
}

const isTest = ({ images }: Pair): number => Number(/t10k|test|valid/i.test(images.name));

/**
 * A training and a test set from IDX files, raw or gzipped: images with their labels, in two files or in four. A single set is
 * split by `seed`; of two the one named for testing, else the smaller one, is the test set.
 *
 * @throws Error in one line that says what is wrong with the files.
 */
export async function readUserFiles(
  files: readonly File[],
  seed: number,
): Promise<{ train: MnistSet; test: MnistSet; source: string }> {
  const parsed = await Promise.all(
    files.map(async (file): Promise<IdxFile> => {
      const bytes = new Uint8Array(await file.arrayBuffer());
      return { name: file.name, bytes, shape: (await data.parseIdx(bytes, file.name)).shape };
    }),
  );
  const found = pairs(parsed).sort((a, b) => isTest(a) - isTest(b) || b.images.shape[0] - a.images.shape[0]);
  const sets = await Promise.all(found.map(({ images, labels }) => readSet(images, labels)));
  if (sets.length === 1) {
    const [all] = sets;
    if (all.count < 10) throw new Error(`${found[0].images.name}: ${all.count} images are too few to train on`);
    return { ...splitSet(all, Math.floor(TRAIN_SHARE * all.count), seed), source: found[0].images.name };
  }
  if (sets.length !== 2) {
    throw new Error(
      `expected two or four IDX files, images with their labels; these ${files.length} hold ${sets.length} sets`,
    );
  }
  const [train, test] = sets;
  return { train, test, source: found.map(({ images }) => images.name).join(' and ') };
}
