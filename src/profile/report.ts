import { covered, type Measurements } from './measurements';
import type { Pipeline } from '../runtime/kernels/kernel';

/** The cost of one kernel, compiled for one set of defines. */
export interface KernelProfile {
  readonly kernel: string;
  /** The defines that it was compiled with, as `A=1 B=2`. */
  readonly variant: string;
  /** The ops that launched it. */
  readonly ops: readonly string[];
  /** Dispatches. */
  readonly count: number;
  /** GPU time of all its dispatches, in milliseconds. */
  readonly ms: number;
  /** Its fraction of the GPU time of all kernels, 0 to 1. */
  readonly share: number;
  /** Arithmetic operations (a multiply-add is two) if its ops state them, else 0. */
  readonly flops: number;
  /** Bytes of the buffers that its dispatches bind, each counted once per dispatch. */
  readonly bytes: number;
  /** 10⁹ operations per second; `null` if the operations are not stated or the time is 0. */
  readonly gflops: number | null;
  /** 10⁹ bytes per second; `null` if the time is 0. */
  readonly gbps: number | null;
}

/** Sums over a profile; times in milliseconds. */
export interface ProfileTotals {
  /** GPU time of all kernels. */
  readonly gpuMs: number;
  /** From beginning to end. */
  readonly wallMs: number;
  /** Time in which the host launched kernels and encoded and submitted commands. */
  readonly hostMs: number;
  readonly dispatches: number;
  /** Command buffers submitted. */
  readonly submits: number;
  /** Pipelines compiled. */
  readonly pipelines: number;
  /** Time in which at least one pipeline was being compiled. */
  readonly compileMs: number;
}

/** `amount` in `ms` milliseconds, as 10⁹ per second. */
export const perSecond = (amount: number, ms: number): number | null => (ms > 0 ? amount / ms / 1e6 : null);

export function totalsOf({ begin, end, passes, launches, submits, compiles }: Measurements): ProfileTotals {
  return {
    gpuMs: passes.reduce((sum, pass) => sum + pass.end - pass.begin, 0),
    wallMs: end - begin,
    hostMs: covered([...launches, ...submits]),
    dispatches: passes.reduce((sum, pass) => sum + pass.dispatches.length, 0),
    submits: submits.length,
    pipelines: compiles.length,
    compileMs: covered(compiles),
  };
}

/** The kernels, those with the most time first. Every dispatch must have been timed by itself. */
export function kernelsOf({ passes }: Measurements): KernelProfile[] {
  const sums = new Map<Pipeline, { ops: Set<string>; count: number; ms: number; flops: number; bytes: number }>();
  let total = 0;
  for (const { dispatches, begin, end } of passes) {
    for (const { op, pipeline, flops, bytes } of dispatches) {
      const sum = sums.get(pipeline) ?? { ops: new Set(), count: 0, ms: 0, flops: 0, bytes: 0 };
      sums.set(pipeline, sum);
      sum.ops.add(op);
      sum.count++;
      sum.ms += end - begin;
      sum.flops += flops ?? 0;
      sum.bytes += bytes;
      total += end - begin;
    }
  }
  const kernels = [...sums].map(([{ name, variant }, { ops, count, ms, flops, bytes }]) => ({
    kernel: name,
    variant,
    ops: [...ops],
    count,
    ms,
    share: total > 0 ? ms / total : 0,
    flops,
    bytes,
    gflops: flops > 0 ? perSecond(flops, ms) : null,
    gbps: perSecond(bytes, ms),
  }));
  return kernels.sort((a, b) => b.ms - a.ms);
}

const WIDEST = 60;
const COLUMNS = ['kernel', 'ops', 'count', 'GPU ms', 'share', 'GFLOP/s', 'GB/s'];
/** This many columns, the first ones, are text. */
const TEXTS = 2;

/** Kernel and defines, cut to a column's width; without the workgroup's size, which is nearly always the same. */
function label({ kernel, variant }: KernelProfile): string {
  const text = `${kernel} ${variant.replace(/\bWG=\d+ ?/, '')}`.trim();
  return text.length > WIDEST ? `${text.slice(0, WIDEST - 1)}…` : text;
}

/** The kernels as a table, as text. */
export function formatKernels(kernels: readonly KernelProfile[]): string {
  const rows = kernels.map((profile) => [
    label(profile),
    profile.ops.join(', '),
    String(profile.count),
    profile.ms.toFixed(3),
    `${(100 * profile.share).toFixed(1)}%`,
    profile.gflops?.toFixed(2) ?? '',
    profile.gbps?.toFixed(2) ?? '',
  ]);
  const lines = [COLUMNS, ...rows];
  const widths = COLUMNS.map((_, i) => Math.max(...lines.map((line) => line[i].length)));
  return lines
    .map((line) =>
      line
        .map((text, i) => (i < TEXTS ? text.padEnd(widths[i]) : text.padStart(widths[i])))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const count = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;

/** The sums in one line; without the GPU's time if it is not known. */
export function formatTotals(totals: ProfileTotals, timed = true): string {
  const { gpuMs, wallMs, hostMs, dispatches, submits, pipelines, compileMs } = totals;
  const gpu = timed ? `, GPU ${gpuMs.toFixed(1)} ms` : '';
  const compiled = pipelines > 0 ? `; ${count(pipelines, 'pipeline')} compiled in ${compileMs.toFixed(0)} ms` : '';
  return (
    `${wallMs.toFixed(1)} ms${gpu}, host ${hostMs.toFixed(1)} ms; ` +
    `${count(dispatches, 'dispatch', 'dispatches')} in ${count(submits, 'submit')}${compiled}`
  );
}
