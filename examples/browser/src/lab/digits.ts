import imagesUrl from '../../generated/digits-images.idx.gz?url';
import labelsUrl from '../../generated/digits-labels.idx.gz?url';
import { readSet, type MnistSet } from '../../../data/mnist-set';
import { fetchBytes } from './fetch-bytes';

/** The 10,000 digits that come with the page. */
export async function fetchDigits(): Promise<MnistSet> {
  const [images, labels] = await Promise.all([imagesUrl, labelsUrl].map(fetchBytes));
  return readSet({ name: 'the built-in images', bytes: images }, { name: 'the built-in labels', bytes: labels });
}
