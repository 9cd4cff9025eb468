import { requireSameResult } from '../compare';
import { caseName, KERNELS, partName, resultShape, type KernelGroup, type Part } from './cases';
import type { KernelInputs, KernelJob, Library } from '../library';
import { count, uniform } from '../numbers';
import { measureInTurns, type Effort, type Timing } from '../timing';
import { withoutErrors } from '../webgpu';

/** One library's time for a kernel. */
export interface KernelTiming extends Timing {
  readonly library: string;
  readonly gflops: number;
  /** How far its result is from wgrad's, as a fraction of the largest number. */
  readonly difference: number;
}

export interface KernelResult {
  readonly title: string;
  readonly part: string;
  readonly flop: number;
  readonly timings: readonly KernelTiming[];
  /** Libraries without such an op. */
  readonly missing: readonly string[];
}

function inputsOf({ a, b, out }: KernelGroup): KernelInputs {
  const [first, second, gradient] = [a, b, out].map((shape, seed) => uniform(count(shape), -1, 1, seed));
  return { a: first, b: second, gradient };
}

async function measure(
  group: KernelGroup,
  part: Part,
  libraries: readonly Library[],
  effort: Effort,
): Promise<KernelResult> {
  const inputs = inputsOf(group);
  const entries: { library: Library; job: KernelJob; difference: number }[] = [];
  const missing: string[] = [];
  let expected: Float32Array | null = null;
  for (const library of libraries) {
    const job = library.kernel(group, part, inputs);
    if (!job) {
      missing.push(library.name);
      continue;
    }
    const result = await job.result();
    if (result.length !== count(resultShape(group, part)))
      throw new Error(`${library.name}, ${caseName(group, part)}: ${result.length} numbers were read back`);
    expected ??= result;
    const name = `${library.name}, ${caseName(group, part)}`;
    entries.push({ library, job, difference: requireSameResult(name, result, expected) });
  }
  const timings = await measureInTurns(
    entries.map(({ job }) => job),
    effort,
  );
  for (const { job } of entries) job.dispose();
  return {
    title: group.title,
    part: partName(group, part),
    flop: group.flop,
    missing,
    timings: entries.map(({ library, difference }, i) => ({
      library: library.name,
      gflops: group.flop / timings[i].ms / 1e6,
      difference,
      ...timings[i],
    })),
  };
}

/** Measures the kernels whose names match `only`; `libraries` begins with wgrad, which the others are compared with. */
export async function measureKernels(
  libraries: readonly Library[],
  effort: Effort,
  only: RegExp,
  say: (line: string) => void,
): Promise<KernelResult[]> {
  const results: KernelResult[] = [];
  for (const group of KERNELS) {
    for (const part of group.parts) {
      if (!only.test(`kernels: ${caseName(group, part)}`)) continue;
      say(caseName(group, part));
      results.push(await withoutErrors(libraries, () => measure(group, part, libraries, effort)));
    }
  }
  return results;
}
