import { expect } from 'vitest';
import { tensor } from '../../src/tensor/create/create';
import type { TypedArray, DType } from '../../src/tensor/dtype';
import { tidy } from '../../src/tensor/scope';
import { sizeOf, type Shape } from '../../src/tensor/shape';
import type { Tensor } from '../../src/tensor/tensor';
import { expectNumbersClose, type Tolerance } from './compare';
import { numbers } from './numbers';

export interface HostArray {
  readonly shape: Shape;
  readonly data: TypedArray;
}

/** What an op should give: its result, and the gradients that go with `upstream` (`null`: none is looked at). */
export interface Expected {
  readonly shape: Shape;
  readonly data: ArrayLike<number>;
  readonly upstream?: Float32Array;
  readonly grads?: readonly (ArrayLike<number> | null)[];
}

/** Random numbers in [-scale, scale) as an input. */
export function draw(shape: Shape, seed: number, scale = 1): HostArray {
  return { shape, data: numbers(sizeOf(shape), seed).map((x) => x * scale) };
}

/** Calls `fn` on tensors of `inputs` and compares result and gradients; everything is freed afterwards. */
export async function expectOp(
  label: string,
  fn: (...inputs: Tensor[]) => Tensor<DType>,
  inputs: readonly HostArray[],
  { shape, data, upstream, grads = [] }: Expected,
  tolerance: Tolerance & { gradient?: Tolerance } = {},
): Promise<void> {
  const [out, ...leaves] = tidy(() => {
    const made = inputs.map(
      (input, i) => tensor(input.data, { shape: input.shape, requiresGrad: Boolean(grads.at(i)) }) as Tensor,
    );
    const result = fn(...made);
    if (upstream) result.backward({ gradient: tensor(upstream, { shape: result.shape }) });
    return [result, ...made];
  });
  try {
    expect(out.shape, `${label}: shape`).toEqual([...shape]);
    expectNumbersClose(label, await out.data(), data, tolerance);
    for (const [i, expected] of grads.entries()) {
      if (!expected) continue;
      const { grad } = leaves[i];
      if (!grad) expect.fail(`${label}: backward() left no gradient for input ${i}`);
      expectNumbersClose(
        `${label}, gradient of input ${i}`,
        await grad.data(),
        expected,
        tolerance.gradient ?? tolerance,
      );
    }
  } finally {
    for (const made of [out, ...leaves]) {
      made.grad?.dispose();
      made.dispose();
    }
  }
}
