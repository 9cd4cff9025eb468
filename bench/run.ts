// Measures this library and others on one adapter; `npm run bench -- --help` lists the options. For a machine without npm, all
// of it as one file that needs only the package `webgpu` beside it (and --json-only):
//   npx esbuild bench/run.ts --bundle --platform=node --format=esm --target=node20 --tsconfig=examples/tsconfig.json
//     --external:webgpu --ignore-annotations --outfile=bench.mjs
//     --banner:js="import{createRequire as from}from'node:module';const require=from(import.meta.url);"
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { open, type Device } from 'wgrad';
import { joinCeilings, measureCeiling } from './ceiling/ceiling';
import { KERNEL_TOLERANCE, LOSS_TOLERANCES } from './compare';
import { measureHostTime } from './host-time';
import { measureKernels } from './kernels/measure';
import type { Library } from './library';
import { readOptions, type Options } from './options';
import { installPeers, loadPeers, requireOneAdapter } from './peers/load';
import { machine, writeResults, type Results } from './report/results';
import { measureMemory, measureStarts, start } from './start';
import { measureSteps } from './steps';
import { report } from './report/tables';
import { provideNavigator } from './webgpu';
import { wgradLibrary } from './wgrad';

const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

function method({ effort, peers }: Options): string[] {
  const own = [
    `All in one process on one adapter; medians of ${effort.rounds} samples (3 where a run takes over 2 s, 1 where it takes over 20 s), each of as many runs as take about ${effort.sampleMs} ms, after a warm-up; then a wait for the queue.`,
    'While a program waits for the queue, Dawn polls, which takes a core from a software adapter. There wgrad and the ceilings sleep between polls; the other libraries wait as they do by default.',
    'A gradient is timed alone, its forward pass done beforehand; data stays on the GPU. Taps of a convolution on padding are counted as operations.',
    'A training step is forward, backward and Adam on the CNN of examples/model.ts, dropout on; its operations are those of the convolutions and dense layers.',
  ];
  if (!peers) return own;
  return [
    ...own,
    `Before it is timed, each library's result is compared with wgrad's: kernels to ${KERNEL_TOLERANCE} of the largest number; steps, with equal weights and without dropout, by the losses of the first step (to ${LOSS_TOLERANCES[0]}) and of the second (to ${LOSS_TOLERANCES[1]}).`,
    'Rounds of one sample of each library in turn. tfjs computes convolutions in its own layout (NHWC); gradients are its own gradient rules. jax-js runs compiled by jit, which leaves the unused forward pass out.',
  ];
}

/** Measures the ceiling before and after everything else. */
async function measureAll(device: Device, libraries: readonly Library[], options: Options) {
  const { effort, only, starts, replays, patience } = options;
  const wantsCeiling = only.test('ceiling');
  const batches = options.batch.filter((batch) => only.test(`steps: batch ${batch}`));
  if (wantsCeiling) say('ceiling');
  const before = wantsCeiling ? await measureCeiling(device, effort) : null;
  const kernels = await measureKernels(libraries, effort, only, say);
  const steps = await measureSteps(libraries, { batches, effort, patience }, say);
  if (only.test('host')) say('host time of a replay');
  const host = only.test('host') ? await measureHostTime(device, 64, replays) : null;
  const after = wantsCeiling ? await measureCeiling(device, effort) : null;
  if (only.test('start')) say('start, with empty caches and with filled ones');
  const startResult = only.test('start') ? await measureStarts(starts, 64) : null;
  if (only.test('memory')) say('memory');
  const memory = only.test('memory') ? await measureMemory(options.batch) : null;
  const ceiling = before && after ? joinCeilings(before, after) : null;
  return { ceiling, kernels, steps, host, start: startResult, memory };
}

async function measure(options: Options): Promise<Results> {
  if (options.peers && !options.jsonOnly) await installPeers();
  await provideNavigator();
  const device = await open({ seed: 1, powerPreference: 'high-performance', tune: 'off' });
  const libraries = [wgradLibrary(device), ...(options.peers ? await loadPeers() : [])];
  requireOneAdapter(libraries);
  const measured = await measureAll(device, libraries, options);
  return {
    date: new Date().toISOString(),
    versions: {
      ...Object.fromEntries(libraries.map(({ name, version }) => [name, version])),
      node: process.versions.node,
      webgpu: (createRequire(import.meta.url)('webgpu/package.json') as { version: string }).version,
    },
    adapter: device.info,
    machine: machine(),
    method: method(options),
    ...measured,
  };
}

/** Loaded only now: a bundle for a machine without npm leaves the chart's libraries out. */
async function writeChart(folder: string, results: Results): Promise<void> {
  const { drawChart } = await import('./report/chart');
  const file = join(folder, 'latest.svg');
  writeFileSync(file, drawChart(results));
  say(`chart: ${file}`);
}

async function main(options: Options): Promise<void> {
  const { out, chart, jsonOnly } = options;
  if (options.start) {
    process.stdout.write(JSON.stringify(await start(options.start)));
    return;
  }
  if (chart) {
    await writeChart(out, JSON.parse(readFileSync(chart, 'utf8')) as Results);
    return;
  }
  const results = await measure(options);
  const file = writeResults(out, results);
  console.log(`${report(results)}\n`);
  say(`numbers: ${file}`);
  if (!jsonOnly) await writeChart(out, results);
}

try {
  await main(readOptions(process.argv.slice(2)));
  // The other libraries never give their devices back, and those keep the process alive.
  process.exit(0);
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}
