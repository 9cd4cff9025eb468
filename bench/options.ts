import { Command, InvalidArgumentError, Option } from 'commander';
import { FULL, QUICK, type Effort } from './timing';

export interface Options {
  effort: Effort;
  /** Cold and warm starts. */
  starts: number;
  /** Replays whose host time is taken. */
  replays: number;
  peers: boolean;
  /** Which of the measurements are taken. */
  only: RegExp;
  batch: number[];
  patience: number;
  out: string;
  jsonOnly: boolean;
  /** A results file to draw again. */
  chart?: string;
  /** What a child process measures; the program starts itself this way. */
  start?: { batch: number; captured: boolean };
}

function pattern(text: string): RegExp {
  try {
    return new RegExp(text, 'i');
  } catch {
    throw new InvalidArgumentError('expected a regular expression.');
  }
}

function integer(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('expected an integer >= 1.');
  return value;
}

/** BatchNorm needs more than one row. */
function batches(text: string): number[] {
  const values = text.split(',').map(integer);
  if (values.some((value) => value < 2)) throw new InvalidArgumentError('expected batch sizes >= 2.');
  return [...new Set(values)].sort((a, b) => a - b);
}

function startOf(text: string): NonNullable<Options['start']> {
  const [batch, mode] = text.split(',');
  return { batch: integer(batch), captured: mode === 'captured' };
}

type Given = Omit<Options, 'effort' | 'starts' | 'replays' | 'only'> & { quick: boolean; only?: RegExp };

/** Reads the command line. commander prints help and errors itself and ends the process with code 0 or 1. */
export function readOptions(argv: readonly string[]): Options {
  const { quick, ...given } = new Command('npm run bench --')
    .description(
      'Measures the kernels and the training step of the MNIST CNN against other libraries on the same adapter, and how ' +
        'close they come to what the adapter can do. Nothing else should run meanwhile.',
    )
    .option('--quick', 'few and short samples', false)
    .option('--no-peers', 'wgrad alone: installs and compares nothing')
    .option(
      '--only <regex>',
      'what matches of: ceiling; kernels: <op, sizes, part>; steps: batch <n>; host; start; memory (default: all)',
      pattern,
    )
    .option('--batch <n,...>', 'batch sizes of the training step', batches, [64, 512])
    .option('--patience <seconds>', 'leaves out libraries that would take longer for one step', integer, 30)
    .option('--out <folder>', 'folder for the results', 'bench/results')
    .option('--json-only', 'writes the numbers without a chart; installs nothing', false)
    .option('--chart <file>', 'measures nothing: draws the chart of a results file')
    .addOption(
      new Option('--start <batch,mode>', 'measures one start, for the program itself').argParser(startOf).hideHelp(),
    )
    .allowExcessArguments(false)
    .parse(argv, { from: 'user' })
    .opts<Given>();
  return {
    ...given,
    only: given.only ?? /./,
    effort: quick ? QUICK : FULL,
    starts: quick ? 1 : 3,
    replays: quick ? 20 : 60,
  };
}
