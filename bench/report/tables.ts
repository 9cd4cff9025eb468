import type { Ceiling } from '../ceiling/ceiling';
import type { KernelResult } from '../kernels/measure';
import { median } from '../numbers';
import type { Results } from './results';
import type { MemoryResult, StartResult } from '../start';
import type { StepResult } from '../steps';

type Row = readonly string[];

/** A Markdown table that can be read as it is: the first column to the left, numbers to the right. */
export function table(header: Row, rows: readonly Row[]): string {
  const widths = header.map((_, i) => Math.max(3, ...[header, ...rows].map((row) => row[i].length)));
  const line = (row: Row): string =>
    `| ${row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join(' | ')} |`;
  const rule = `|${widths.map((width, i) => (i === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`;
  return [line(header), rule, ...rows.map(line)].join('\n');
}

/** Three significant digits. */
export function short(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString('en-US');
  return value.toFixed(value >= 10 ? 1 : 2);
}

const times = (ratio: number): string => `${short(ratio)}x`;
const percentOf = (value: number, ceiling: Ceiling | null): string =>
  ceiling ? `${short((100 * value) / ceiling.gflops)}%` : '-';
const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);

function ceilingText({ gflops, gigabytes, multiplyAdd, copy }: Ceiling): string {
  const best = (variants: Ceiling['copy']): string =>
    variants.reduce((a, b) => (median(b.samples) > median(a.samples) ? b : a)).variant;
  return (
    `Ceiling: ${short(gflops)} GFLOP/s in a kernel of nothing but multiply-adds (${best(multiplyAdd)}), ` +
    `${short(gigabytes)} GB/s read and written in a copy (${best(copy)})`
  );
}

function kernelTable(kernels: readonly KernelResult[], ceiling: Ceiling | null): string {
  const libraries = [...new Set(kernels.flatMap(({ timings }) => timings.map(({ library }) => library)))];
  const [own, ...others] = libraries;
  const rows = kernels.map(({ title, part, timings }) => {
    const gflops = (name: string) => timings.find(({ library }) => library === name)?.gflops;
    const ours = gflops(own) ?? NaN;
    const theirs = others.map((name) => gflops(name));
    return [
      `${title}, ${part}`,
      short(ours),
      percentOf(ours, ceiling),
      ...theirs.map((value) => (value ? short(value) : '-')),
      ...theirs.map((value) => (value ? times(ours / value) : '-')),
    ];
  });
  const header = ['GFLOP/s', own, 'of ceiling', ...others, ...others.map((name) => `vs ${name}`)];
  return table(header, rows);
}

function stepTable({ batch, timings }: StepResult, ceiling: Ceiling | null): string {
  const [first] = timings;
  const rows = timings.map(({ label, ms, imagesPerSecond, gflops, dispatches, submits }) => [
    label,
    short(ms),
    short(imagesPerSecond),
    times(ms / first.ms),
    short(gflops),
    percentOf(gflops, ceiling),
    String(dispatches),
    String(submits),
  ]);
  const header = [
    `training step, batch ${batch}`,
    'ms',
    'images/s',
    'time',
    'GFLOP/s',
    'of ceiling',
    'dispatches',
    'submits',
  ];
  return table(header, rows);
}

function startText({ cold, warm }: StartResult): string {
  const middle = (starts: StartResult['cold'], key: 'openMs' | 'firstStepMs'): string =>
    `${(median(starts.map((start) => start[key])) / 1000).toFixed(2)} s`;
  return (
    `From open() to the end of the first captured step at batch 64, in a process of its own: ${middle(cold, 'firstStepMs')} ` +
    `with the driver's caches empty, ${middle(warm, 'firstStepMs')} with them filled ` +
    `(of which open() ${middle(cold, 'openMs')} and ${middle(warm, 'openMs')})`
  );
}

function memoryTable(memory: readonly MemoryResult[]): string {
  const rows = memory.map(({ batch, captured, peak, allocated, stateBytes }) => [
    `batch ${batch}, ${captured ? 'captured' : 'eager'}`,
    mebibytes(peak),
    mebibytes(allocated),
    mebibytes(stateBytes),
  ]);
  const explained =
    'Peak: the most that is in use at any moment of a training step, by device.memory. State is the part that remains: parameters, their ' +
    'gradients and the two moments of Adam. The rest is the batch, what each layer saves for its backward pass, and the ' +
    'gradients in progress. Allocated: all buffers that exist, including free ones.';
  return `${table(['memory, MiB', 'peak', 'allocated', 'state'], rows)}\n\n${explained}`;
}

/** The report as Markdown. */
export function report({
  adapter,
  machine,
  versions,
  ceiling,
  kernels,
  steps,
  start,
  host,
  memory,
  method,
}: Results): string {
  const parts = [
    `Adapter: ${adapter.description || adapter.device} (${adapter.kind}); ${machine.cpu}, ${machine.threads} threads, ${machine.platform}\n` +
      Object.entries(versions)
        .map(([name, version]) => `${name} ${version}`)
        .join(', '),
  ];
  if (ceiling) parts.push(ceilingText(ceiling));
  if (kernels && kernels.length > 0) parts.push(kernelTable(kernels, ceiling));
  for (const step of steps ?? []) {
    const notes = step.leftOut.map(({ label, reason }) => `Left out: ${label}: ${reason}.`);
    parts.push([stepTable(step, ceiling), ...notes].join('\n\n'));
  }
  if (host) {
    const per = (1000 * host.ms) / host.dispatches;
    parts.push(
      `Host time of a captured replay at batch ${host.batch}: ${host.ms.toFixed(2)} ms for ${host.dispatches} dispatches (${per.toFixed(1)} µs each) ` +
        `back to back, ${host.afterWaitMs.toFixed(2)} ms when the host has just waited for the GPU`,
    );
  }
  if (start) parts.push(startText(start));
  if (memory) parts.push(memoryTable(memory));
  parts.push(`How it was measured\n${method.map((line) => `- ${line}`).join('\n')}`);
  return parts.join('\n\n');
}
