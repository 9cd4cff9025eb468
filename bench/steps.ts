import { requireSameLosses } from './compare';
import type { Library, StepContender, StepInputs, StepNetwork } from './library';
import { makeBatch, startingWeights, stepFlop } from './network';
import { measureInTurns, type Effort, type Timing } from './timing';
import { countTraffic, withoutErrors, type Traffic } from './webgpu';

/** One contender's time for a training step. */
export interface StepTiming extends Timing, Traffic {
  readonly label: string;
  readonly imagesPerSecond: number;
  readonly gflops: number;
  /** Losses of the first two steps, without dropout. */
  readonly losses: readonly number[];
}

export interface StepResult {
  readonly batch: number;
  readonly flop: number;
  readonly timings: readonly StepTiming[];
  /** Which contenders were not measured, and why. */
  readonly leftOut: readonly { readonly label: string; readonly reason: string }[];
}

export interface StepOptions {
  readonly batches: readonly number[];
  readonly effort: Effort;
  /** A contender whose step would take more seconds than this is left out. */
  readonly patience: number;
}

/** The losses of the first two steps. */
async function firstLosses(network: StepNetwork): Promise<number[]> {
  const losses: number[] = [];
  for (let i = 0; i < 2; i++) {
    network.run();
    losses.push(await network.loss());
  }
  return losses;
}

const rounded = (seconds: number): string => seconds.toFixed(seconds < 10 ? 1 : 0);

/** Why a contender is left out at this batch size, going by its time for the size before. */
function tooSlow(batch: number, label: string, before: StepResult | undefined, patience: number): string | null {
  const known = before?.timings.find((timing) => timing.label === label);
  if (!before || !known) return before ? 'left out at the smaller batch size' : null;
  const seconds = ((known.ms / 1000) * batch) / before.batch;
  if (seconds <= patience) return null;
  return `a step would take about ${rounded(seconds)} s, going by ${rounded(known.ms / 1000)} s at batch ${before.batch}; --patience ${Math.ceil(1.5 * seconds)} measures it`;
}

interface Entry {
  readonly contender: StepContender;
  readonly network: StepNetwork;
  readonly losses: readonly number[];
  readonly traffic: Traffic;
}

async function prepare(contender: StepContender, inputs: StepInputs, expected?: Entry): Promise<Entry> {
  const network = contender.prepare(inputs);
  const losses = await firstLosses(network);
  if (expected) requireSameLosses(`${contender.label}, batch ${inputs.batch}`, losses, expected.losses);
  network.enableDropout();
  network.run();
  await network.finish();
  const traffic = await countTraffic(async () => {
    network.run();
    await network.finish();
  });
  return { contender, network, losses, traffic };
}

async function measure(
  batch: number,
  libraries: readonly Library[],
  { effort, patience }: StepOptions,
  before?: StepResult,
): Promise<StepResult> {
  const inputs = { ...makeBatch(batch), weights: await startingWeights() };
  const entries: Entry[] = [];
  const leftOut = [];
  for (const library of libraries) {
    for (const contender of library.steps) {
      const { label } = contender;
      const reason = tooSlow(batch, label, before, patience);
      if (reason) leftOut.push({ label, reason });
      else entries.push(await prepare(contender, inputs, entries.at(0)));
    }
  }
  const timings = await measureInTurns(
    entries.map(({ network }) => network),
    effort,
    'warm',
  );
  for (const { network } of entries) network.dispose();
  const flop = stepFlop(batch);
  return {
    batch,
    flop,
    leftOut,
    timings: entries.map(({ contender: { label }, losses, traffic }, i) => ({
      label,
      imagesPerSecond: (1000 * batch) / timings[i].ms,
      gflops: flop / timings[i].ms / 1e6,
      losses,
      ...traffic,
      ...timings[i],
    })),
  };
}

/** Measures the training step at each batch size, from the smallest; `libraries` begins with wgrad. */
export async function measureSteps(
  libraries: readonly Library[],
  options: StepOptions,
  say: (line: string) => void,
): Promise<StepResult[]> {
  const results: StepResult[] = [];
  for (const batch of [...options.batches].sort((a, b) => a - b)) {
    say(`training step, batch ${batch}`);
    const result = await withoutErrors(libraries, () => measure(batch, libraries, options, results.at(-1)));
    for (const { label, reason } of result.leftOut) say(`  ${label} is left out: ${reason}`);
    results.push(result);
  }
  return results;
}
