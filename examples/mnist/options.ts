import { Command, InvalidArgumentError } from 'commander';
import type { AdapterInfo } from 'wgrad';
import { defaultSettings, type Settings } from '../settings';

/** What the command line says; the other defaults depend on the adapter. */
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

function integer(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('expected an integer >= 1.');
  return value;
}

function seedNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isSafeInteger(value) || value < 0)
    throw new InvalidArgumentError('expected an integer >= 0.');
  return value;
}

function rate(text: string): number {
  const value = Number(text);
  if (!(value > 0) || !Number.isFinite(value)) throw new InvalidArgumentError('expected a number > 0.');
  return value;
}

function pair(text: string): [number, number] {
  const parts = text.split(',');
  if (parts.length !== 2) throw new InvalidArgumentError('expected two integers separated by a comma.');
  return [integer(parts[0]), integer(parts[1])];
}

/** Reads the command line. commander prints help and errors itself and ends the process with code 0 or 1. */
export function readOptions(argv: readonly string[]): Options {
  return new Command('npm run mnist --')
    .description(
      'Trains the classic CNN on MNIST, prints its test accuracy and confusion matrix, and saves the weights.',
    )
    .option('--epochs <n>', 'passes over the training images (default: by adapter)', integer)
    .option('--batch-size <n>', 'images of a training step (default: by adapter)', integer)
    .option('--lr <rate>', 'learning rate of Adam at the start (default: by adapter)', rate)
    .option('--seed <n>', 'seed of weights, order and dropout', seedNumber, 0)
    .option(
      '--data <dir>',
      'folder with the four IDX files of MNIST, .gz or not (default: MNIST_DIR, then the cache, then a download)',
    )
    .option('--save <file>', 'file for the trained weights', 'mnist.safetensors')
    .option('--full', 'all 60,000 images, even on a software adapter (slow)')
    .option('--channels <a,b>', 'channels of the two pairs of convolutions (default: by adapter)', pair)
    .option('--dense <a,b>', 'widths of the two dense layers (default: by adapter)', pair)
    .allowExcessArguments(false)
    .parse(argv, { from: 'user' })
    .opts<Options>();
}

/** The options, with defaults that suit the adapter. */
export function settingsFor(options: Options, info: AdapterInfo): Settings {
  const defaults = defaultSettings(info);
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
