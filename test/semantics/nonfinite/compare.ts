import { expect } from 'vitest';
import { tensor } from '../../../src/tensor/create/create';
import { tidy } from '../../../src/tensor/scope';
import { sizeOf } from '../../../src/tensor/shape';
import type { Tensor } from '../../../src/tensor/tensor';
import type { NonfiniteRule, Outcome, Values } from './rules';

export const SPECIAL = [NaN, Infinity, -Infinity, -0, 1e-40, -1e-40].map(Math.fround);

/** Adapters may take denormal numbers for 0, when they read one and when they make one. */
const flushed = (list: Values): Values => list.map((v) => (Math.abs(v) < 2 ** -126 ? 0 * Math.sign(v) : v));

const RTOL = 2e-5;
const ATOL = 2e-6;

/** Whether float32 result `actual` is right for `expected`. */
function agrees(actual: number, expected: number): boolean {
  const rounded = Math.fround(expected);
  if (Number.isNaN(rounded)) return Number.isNaN(actual);
  if (!Number.isFinite(rounded)) return actual === rounded;
  return Math.abs(actual - rounded) <= ATOL + RTOL * Math.abs(rounded);
}

const show = (lists: readonly Values[]): string => lists.map((list) => `[${list.join(', ')}]`).join(', ');

/** The result and the gradients of `rule` for these inputs and this gradient of the result; `around` builds a graph with it. */
export async function run(
  rule: NonfiniteRule,
  inputs: readonly Values[],
  upstream: Values,
  around: (leaf: Tensor) => Tensor = (leaf) => leaf,
): Promise<{ out: Values; grads: (Values | null)[] }> {
  const [out, ...leaves] = tidy(() => {
    const made = inputs.map((list, i) =>
      tensor(Float32Array.from(list), { shape: rule.shapes[i], requiresGrad: true }),
    );
    const result = rule.run(...made.map(around));
    if (result.requiresGrad) {
      result.backward({ gradient: tensor(Float32Array.from(upstream), { shape: result.shape }) });
    }
    return [result, ...made];
  });
  const values = [...(await out.data())];
  const grads: (Values | null)[] = [];
  for (const leaf of leaves) grads.push(leaf.grad ? [...(await leaf.grad.data())] : null);
  for (const used of [out, ...leaves]) {
    used.grad?.dispose();
    used.dispose();
  }
  return { out: values, grads };
}

/** Fails unless result and gradients are those of the model, with denormal inputs as they are or as zeros. */
export async function check(
  name: string,
  rule: NonfiniteRule,
  inputs: readonly Values[],
  upstream: Values,
  around?: (leaf: Tensor) => Tensor,
): Promise<void> {
  const actual = await run(rule, inputs, upstream, around);
  const models: Outcome[] = [rule.model(inputs, upstream), rule.model(inputs.map(flushed), flushed(upstream))];
  const differs = (what: string, found: Values, pick: (model: Outcome) => Values | null | undefined): void => {
    found.forEach((v, i) => {
      const allowed = models.map((model) => pick(model)?.[i] ?? NaN);
      if (allowed.some((expected) => agrees(v, expected))) return;
      expect.fail(
        `${name}(${show(inputs)}), gradient of the result [${upstream.join(', ')}]: ` +
          `${what}[${i}] is ${v}, expected ${[...new Set(allowed)].join(' or ')}`,
      );
    });
  };
  expect(actual.out.length, name).toBe(sizeOf(rule.outShape));
  differs('result', actual.out, ({ out }) => out);
  actual.grads.forEach((grad, i) => {
    expect(grad === null, `${name}: whether input ${i} has a gradient`).toBe((models[0].grads.at(i) ?? null) === null);
    if (grad) differs(`gradient of input ${i}`, grad, ({ grads }) => grads[i]);
  });
}
