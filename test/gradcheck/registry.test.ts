import { beforeAll, describe, expect, it } from 'vitest';
import { OpNode } from '../../src/autograd/engine';
import { gradcheck } from '../../src/autograd/gradcheck/gradcheck';
import { notDifferentiable } from '../../src/autograd/op';
import { registry } from '../../src/ops/registry';
import { tidy } from '../../src/tensor/scope';
import type { Tensor } from '../../src/tensor/tensor';
import { testDevice } from '../support/device';
import { CHECKS, type Check } from './checks';

beforeAll(testDevice);

const KEYS = Object.keys(registry) as (keyof typeof registry)[];

/** The names of the ops behind a result. */
function opsBehind(result: Tensor): Set<string> {
  const seen = new Set<Tensor>();
  const names = new Set<string>();
  const visit = (made: Tensor): void => {
    if (seen.has(made) || !(made.node instanceof OpNode)) return;
    seen.add(made);
    names.add(made.node.name);
    made.node.inputs.forEach(visit);
  };
  visit(result);
  return names;
}

/**
 * float32 carries 7 digits: a central difference over ±0.01 of a sum of up to a few hundred numbers of size 1 is right to
 * about 1e-3 and, for the third derivatives that occur here, to 1 %. Scales, signs and places are what this finds;
 * test/random compares values to 1e-5.
 */
const TOLERANCE = { eps: 1e-2, atol: 1e-3, rtol: 1e-2 };

async function run(name: string, { fn, leaves, options }: Check): Promise<void> {
  const inputs = leaves.map((make) => make());
  expect(
    tidy(() => [...opsBehind(fn(...inputs))]),
    'the check must use the op',
  ).toContain(name);
  await gradcheck(fn, inputs, { ...TOLERANCE, ...options, name });
  for (const input of inputs) {
    input.grad?.dispose();
    input.dispose();
  }
}

it('every op of the registry is listed, and every listed one is in it', () => {
  expect(Object.keys(CHECKS).sort()).toEqual([...KEYS].sort());
});

describe.each(KEYS)('%s', (key) => {
  const { name, backward } = registry[key];
  const checks = CHECKS[key];
  if (checks === notDifferentiable) {
    it('has no gradient', () => {
      expect(backward).toBe(notDifferentiable);
    });
  } else {
    it('has the gradient of its forward pass', async () => {
      expect(backward).not.toBe(notDifferentiable);
      expect(checks.length).toBeGreaterThan(0);
      for (const one of checks) await run(name, one);
    });
  }
});
