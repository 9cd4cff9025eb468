import { Command, InvalidArgumentError } from 'commander';
import type { AdapterInfo } from 'wgrad';

/** What the command line says; what it leaves open depends on the adapter. */
export interface Options {
  epochs?: number;
  batchSize?: number;
  lr?: number;
  seed: number;
  data?: string;
  save: string;
  full?: boolean;
  channels?: [number, number];
  dense?: [number, number];
}

export interface Settings {
  epochs: number;
  batchSize: number;
  lr: number;
  full: boolean;
  channels: readonly [number, number];
  dense: readonly [number, number];
  dropout: readonly [number, number];
}

function whole(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new InvalidArgumentError('a whole number of at least 1 is wanted.');
  return value;
}

function seedNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isSafeInteger(value) || value < 0)
    throw new InvalidArgumentError('a whole number of at least 0 is wanted.');
  return value;
}

function rate(text: string): number {
  const value = Number(text);
  if (!(value > 0) || !Number.isFinite(value)) throw new InvalidArgumentError('a number larger than 0 is wanted.');
  return value;
}

function pair(text: string): [number, number] {
  const parts = text.split(',');
  if (parts.length !== 2) throw new InvalidArgumentError('two whole numbers with a comma between them are wanted.');
  return [whole(parts[0]), whole(parts[1])];
}

/** Reads the command line. commander prints help and errors itself and ends the process with code 0 or 1. */
export function readOptions(argv: readonly string[]): Options {
  return new Command('npm run mnist --')
    .description(
      'Trains the classic CNN on MNIST, prints its test accuracy and confusion matrix, and saves the weights.',
    )
    .option('--epochs <n>', 'passes over the training images (default: by adapter)', whole)
    .option('--batch-size <n>', 'images of a training step (default: by adapter)', whole)
    .option('--lr <rate>', 'learning rate of Adam at the start (default: by adapter)', rate)
    .option('--seed <n>', 'of weights, order and dropout', seedNumber, 0)
    .option(
      '--data <dir>',
      'folder with the four IDX files of MNIST, .gz or not (default: MNIST_DIR, then the cache, then a download)',
    )
    .option('--save <file>', 'where the trained weights go', 'mnist.safetensors')
    .option('--full', 'all 60,000 images on a software adapter too (slow)')
    .option('--channels <a,b>', 'channels of the two pairs of convolutions (default: by adapter)', pair)
    .option('--dense <a,b>', 'widths of the two dense layers (default: by adapter)', pair)
    .allowExcessArguments(false)
    .parse(argv, { from: 'user' })
    .opts<Options>();
}

const GPU: Settings = {
  epochs: 12,
  batchSize: 64,
  lr: 1e-3,
  full: true,
  channels: [32, 64],
  dense: [256, 128],
  dropout: [0.25, 0.4],
};
/** Few epochs want less dropout. */
const SOFTWARE: Settings = {
  epochs: 4,
  batchSize: 64,
  lr: 2e-3,
  full: false,
  channels: [32, 64],
  dense: [256, 128],
  dropout: [0.15, 0.25],
};
/** SwiftShader has a fifth of lavapipe's speed. */
const SLOW_SOFTWARE: Settings = {
  epochs: 3,
  batchSize: 32,
  lr: 2e-3,
  full: false,
  channels: [16, 32],
  dense: [128, 64],
  dropout: [0.1, 0.2],
};

/** The options with what they leave open filled in for the adapter. */
export function settingsFor(options: Options, info: AdapterInfo): Settings {
  const slow = /swiftshader/i.test(`${info.device} ${info.description}`);
  const defaults = info.kind === 'gpu' ? GPU : slow ? SLOW_SOFTWARE : SOFTWARE;
  const { epochs, batchSize, lr, full, channels, dense } = options;
  return {
    epochs: epochs ?? defaults.epochs,
    batchSize: batchSize ?? defaults.batchSize,
    lr: lr ?? defaults.lr,
    full: full ?? defaults.full,
    channels: channels ?? defaults.channels,
    dense: dense ?? defaults.dense,
    dropout: defaults.dropout,
  };
}
