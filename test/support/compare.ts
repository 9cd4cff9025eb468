import { expect } from 'vitest';
import type { DType } from '../../src/tensor/dtype';
import type { Tensor } from '../../src/tensor/tensor';

export interface Tolerance {
  atol?: number;
  rtol?: number;
}

/** Fails with name, worst index, both values and the tolerance unless |actual - expected| <= atol + rtol · |expected| everywhere. */
export function expectNumbersClose(
  name: string,
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  { atol = 1e-5, rtol = 1e-5 }: Tolerance = {},
): void {
  if (actual.length !== expected.length) expect.fail(`${name}: ${actual.length} numbers, expected ${expected.length}`);
  let worst = -1;
  let excess = 1;
  for (let i = 0; i < actual.length; i++) {
    const [a, e] = [actual[i], expected[i]];
    if (a === e || (Number.isNaN(a) && Number.isNaN(e))) continue;
    const ratio = Math.abs(a - e) / (atol + rtol * Math.abs(e));
    if (!(ratio <= excess)) {
      worst = i;
      excess = Number.isNaN(ratio) ? Infinity : ratio;
    }
  }
  if (worst >= 0) {
    const allowed = atol + rtol * Math.abs(expected[worst]);
    expect.fail(
      `${name}: index ${worst} of ${actual.length}: got ${actual[worst]}, expected ${expected[worst]}, ` +
        `off by ${Math.abs(actual[worst] - expected[worst]).toExponential(2)}, allowed ${allowed.toExponential(2)} (atol ${atol}, rtol ${rtol})`,
    );
  }
}

/** As `expectNumbersClose`, with the shape compared too. */
export async function expectClose(
  name: string,
  actual: Tensor<DType>,
  expected: { shape: readonly number[]; data: ArrayLike<number> },
  tolerance?: Tolerance,
): Promise<void> {
  expect(actual.shape, `${name}: shape`).toEqual([...expected.shape]);
  expectNumbersClose(name, await actual.data(), expected.data, tolerance);
}
