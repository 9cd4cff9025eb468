import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import type { AdapterInfo } from 'wgrad';
import type { Ceiling } from '../ceiling/ceiling';
import type { HostTime } from '../host-time';
import type { KernelResult } from '../kernels/measure';
import type { MemoryResult, StartResult } from '../start';
import type { StepResult } from '../steps';

/** One run of the benchmark. What was not asked for is null. */
export interface Results {
  readonly date: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly adapter: AdapterInfo;
  readonly machine: { readonly cpu: string; readonly threads: number; readonly platform: string };
  /** How the numbers were measured, in sentences. */
  readonly method: readonly string[];
  readonly ceiling: Ceiling | null;
  readonly kernels: readonly KernelResult[] | null;
  readonly steps: readonly StepResult[] | null;
  readonly start: StartResult | null;
  readonly host: HostTime | null;
  readonly memory: readonly MemoryResult[] | null;
}

export function machine(): Results['machine'] {
  const all = cpus();
  return { cpu: all.at(0)?.model ?? 'unknown', threads: all.length, platform: `${process.platform} ${process.arch}` };
}

/** A name for the adapter that can be part of a file's name. */
export function adapterSlug({ vendor, architecture, device, description }: AdapterInfo): string {
  const text = `${device} ${description}`.toLowerCase();
  for (const [sign, name] of [
    ['llvmpipe', 'lavapipe'],
    ['swiftshader', 'swiftshader'],
  ])
    if (text.includes(sign)) return name;
  const name = device || architecture || vendor || 'adapter';
  return name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
}

/** Writes `<date>-<adapter>.json` and returns its path. */
export function writeResults(folder: string, results: Results): string {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${results.date.slice(0, 10)}-${adapterSlug(results.adapter)}.json`);
  writeFileSync(file, `${JSON.stringify(results, null, 1)}\n`);
  return file;
}
