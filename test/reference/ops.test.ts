import { beforeAll, describe, expect, it } from 'vitest';
import { registry } from '../../src/ops/registry';
import type { HostTensor } from '../../src/serialize';
import { tensor } from '../../src/tensor/create/create';
import type { Tensor } from '../../src/tensor/tensor';
import { expectClose } from '../support/compare';
import { testDevice } from '../support/device';
import { OPS, type Run } from './op-table';
import { FAMILIES, loadCases, type Lookup, type ReferenceCase } from './vectors';

const families = await Promise.all(FAMILIES.map(async (name) => ({ name, ...(await loadCases(name)) })));

function runOf(op: string): Run<unknown> {
  if (!Object.hasOwn(OPS, op)) expect.fail(`the vectors hold cases of ${op}, which op-table.ts does not call`);
  return OPS[op as keyof typeof OPS] as Run<unknown>;
}

const place = ({ data, shape }: HostTensor, requiresGrad = false): Tensor =>
  tensor(data, { shape, requiresGrad }) as Tensor;

/** Forward, backward and overwritten inputs of one case against PyTorch's. */
async function check({ op, name, ...rest }: ReferenceCase, lookup: Lookup): Promise<void> {
  const label = `${op}, ${name}`;
  const { rtol } = rest;
  const all = rest.inputs.map((key, i) => (key === null ? null : place(lookup(key), rest.grads[i] !== null)));
  const out = runOf(op)(
    all.filter((input) => input !== null),
    rest.attrs,
    all,
  );
  if (rest.upstream !== null) out.backward({ gradient: place(lookup(rest.upstream)) });

  await expectClose(`${label}: output`, out, lookup(rest.output), { atol: rest.atol, rtol });
  for (const [i, input] of all.entries()) {
    const expected = rest.grads[i];
    if (expected !== null) {
      const where = `${label}: gradient of input ${i}`;
      if (!input?.grad) expect.fail(`${where}: backward() left none`);
      await expectClose(where, input.grad, lookup(expected), { atol: rest.gradAtol[i] ?? 0, rtol });
    }
    const updated = rest.updates.at(i) ?? null;
    if (input && updated !== null) await expectClose(`${label}: input ${i} afterwards`, input, lookup(updated), rest);
  }
  for (const made of [...all, ...all.map((input) => input?.grad ?? null), out]) made?.dispose();
}

describe.each(families)('PyTorch: $name', ({ cases, lookup }) => {
  beforeAll(testDevice);
  it.each([...new Set(cases.map(({ op }) => op))])('%s', async (op) => {
    for (const one of cases.filter((c) => c.op === op)) await check(one, lookup);
  });
});

it('every op of the library but the random ones has vectors', () => {
  const covered = new Set(families.flatMap(({ cases }) => cases.map(({ op }) => op)));
  const expected = [...Object.keys(OPS), ...Object.values(registry).map(({ name }) => name)];
  expect(expected.filter((op) => !covered.has(op))).toEqual(['multinomial', 'dropout']);
});
