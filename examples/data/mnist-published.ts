import type { MnistFile } from './mnist-set';

/** Where the four files of MNIST are published, as folders. */
export const MIRRORS = [
  'https://ossci-datasets.s3.amazonaws.com/mnist/',
  'https://storage.googleapis.com/cvdf-datasets/mnist/',
];

/** SHA-256 of the published .gz files. */
export const PUBLISHED_SHA256: Readonly<Record<MnistFile, string>> = {
  'train-images-idx3-ubyte': '440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609',
  'train-labels-idx1-ubyte': '3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c',
  't10k-images-idx3-ubyte': '8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6',
  't10k-labels-idx1-ubyte': 'f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6',
};

/** Milliseconds without data after which a connection is abandoned, and for all four files together. */
export const IDLE_TIMEOUT_MS = 15_000;
export const TOTAL_TIMEOUT_MS = 15 * 60_000;
