import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import * as unary from '../../src/ops/elementwise/unary';
import { registry } from '../../src/ops/registry';

const folder = fileURLToPath(new URL('../../src/ops/', import.meta.url));
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
  (name) => name.includes('/') && name.endsWith('.ts') && !name.endsWith('.lazy.ts'),
);

it('every op record of src/ops is registered', async () => {
  const found: Record<string, unknown> = {};
  for (const file of files) {
    const exported = (await import(folder + file)) as Record<string, unknown>;
    for (const [name, value] of Object.entries(exported))
      if (name.endsWith('Op') && typeof value === 'object') found[name] = value;
  }
  // Functions there, with records that are exported nowhere.
  for (const name of Object.keys(unary)) found[`${name}Op`] = name;
  expect(Object.keys(found).length).toBeGreaterThan(40);
  expect(Object.keys(registry).sort()).toEqual(Object.keys(found).sort());
});

it('the name of a record tells the name of its op', () => {
  expect(Object.entries(registry).filter(([key, { name }]) => key !== `${name}Op`)).toEqual([]);
});
