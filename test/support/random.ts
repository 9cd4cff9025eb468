import fc from 'fast-check';
import { expect, it } from 'vitest';

/*
 * Tests draw the same numbers each time. To draw others, or more random cases:
 *   WGRAD_TEST_SEED=42 WGRAD_TEST_RUNS=1000 npm test -- test/random
 * A failure shrinks, and its message ends in the line that runs the smallest failing case alone (WGRAD_TEST_PATH).
 */
// Vite puts the settings in the place of these words: they cannot be taken apart.
const settings = (import.meta as unknown as { env: Readonly<Record<string, string | undefined>> }).env;
/** Of all random numbers in tests. */
export const SEED = Number(settings.WGRAD_TEST_SEED ?? 1);
const RUNS = settings.WGRAD_TEST_RUNS;
const PATH = settings.WGRAD_TEST_PATH;

function commandFor(seed: number, path: string): string {
  const { testPath = '', currentTestName = '' } = expect.getState();
  const file = testPath.slice(testPath.lastIndexOf('/test/') + 1);
  const name = currentTestName.replaceAll(' > ', ' ').replace(/[.*+?^${}()|[\]\\]/g, '.');
  return `WGRAD_TEST_SEED=${seed} WGRAD_TEST_PATH=${path} npm test -- ${file} -t '${name}'`;
}

/** A test that `check` passes for `runs` of the `cases` (or for WGRAD_TEST_RUNS). */
export function holdsFor<T>(
  name: string,
  cases: fc.Arbitrary<T>,
  runs: number,
  check: (one: T) => void | Promise<void>,
): void {
  it(name, async () => {
    const property = fc.asyncProperty(cases, async (one) => {
      await check(one);
    });
    const options = { seed: SEED, numRuns: Number(RUNS ?? runs) };
    const result = await fc.check(
      property,
      PATH === undefined ? options : { ...options, path: PATH, endOnFailure: true },
    );
    if (!result.failed) return;
    const { errorInstance: cause } = result;
    const message = cause instanceof Error ? cause.message : String(cause);
    const again = commandFor(result.seed, result.counterexamplePath ?? '0');
    expect.fail(`${message}; case ${fc.stringify(result.counterexample?.[0])}; again: ${again}`);
  });
}
