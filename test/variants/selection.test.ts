import { describe, expect, it } from 'vitest';
import type { AdapterInfo } from '../../src/device/gpu';
import { VariantSelection } from '../../src/variants/selection';
import { readVariantRecord, type Variant, type VariantTable } from '../../src/variants/variant';

const adapter: AdapterInfo = {
  vendor: '',
  architecture: '',
  device: '',
  description: '',
  kind: 'cpu',
  subgroupSize: 8,
};
const newSelection = (onChange: () => void = () => undefined) => new VariantSelection(adapter, null, onChange);

const variants: Variant<number>[] = [
  { name: 'large', supports: (n) => n >= 10, preferred: (n) => n >= 100 },
  { name: 'odd', preferred: (n) => n % 2 === 1 },
  { name: 'general', supports: () => true, preferred: () => true },
];
const table: VariantTable<number, Variant<number>, null> = {
  name: 'count',
  variants,
  shapeKey: String,
  trial: () => ({ launch: () => undefined, dispose: () => undefined }),
};

describe('a variant selection', () => {
  it('follows the table where nothing was loaded', () => {
    const selection = newSelection();
    const names = [100, 101, 11, 10, 2].map((n) => selection.select(table, n).name);
    expect(names).toEqual(['large', 'large', 'odd', 'general', 'general']);
    expect(selection.record()).toEqual({
      'count 10': 'general',
      'count 100': 'large',
      'count 101': 'large',
      'count 11': 'odd',
      'count 2': 'general',
    });
  });
  it('uses what was loaded where it can run', () => {
    const selection = newSelection();
    selection.load({ 'count 50': 'large', 'count 2': 'large', 'count 3': 'unheard of', 'count 4': 'odd' });
    expect([50, 2, 3, 4].map((n) => selection.select(table, n).name)).toEqual(['large', 'general', 'odd', 'general']);
    expect(selection.isLoaded('count 2')).toBe(true);
    expect(selection.isLoaded('count 6')).toBe(false);
    // What is in use, not what was wished for.
    expect(selection.record()).toMatchObject({ 'count 50': 'large', 'count 2': 'general', 'count 3': 'odd' });
  });
  it('changes for problems seen before, and says so', () => {
    let changes = 0;
    const selection = newSelection(() => changes++);
    expect(selection.select(table, 30).name).toBe('general');
    selection.load({ 'count 30': 'large' });
    expect(selection.select(table, 30).name).toBe('large');
    expect(changes).toBe(1);
  });
  it('reports the problems of a function, and which variants support them', () => {
    const selection = newSelection();
    selection.select(table, 1);
    const seen = selection.observe(() => {
      for (const n of [25, 25, 1]) selection.select(table, n);
    });
    expect(seen.map(({ key, supported, defaultVariant }) => ({ key, supported, defaultVariant }))).toEqual([
      { key: 'count 25', supported: ['large', 'odd', 'general'], defaultVariant: 'odd' },
      { key: 'count 1', supported: ['odd', 'general'], defaultVariant: 'odd' },
    ]);
    expect(selection.seen).toHaveLength(2);
  });
  it('does not measure what is fast on another kind of adapter', () => {
    const { kind } = adapter;
    const other = 'gpu';
    const made: Variant<number>[] = [
      { name: 'here', preferred: () => false, supports: () => true, fastOn: kind },
      { name: 'there', preferred: () => false, supports: () => true, fastOn: other },
      { name: 'table', preferred: (n) => n > 5, fastOn: other },
      ...variants,
    ];
    const selection = newSelection();
    const seen = selection.observe(() => {
      for (const n of [2, 6]) selection.select({ ...table, variants: made }, n);
    });
    expect(seen.map(({ supported, candidates }) => ({ supported, candidates }))).toEqual([
      { supported: ['here', 'there', 'general'], candidates: ['here', 'general'] },
      { supported: ['here', 'there', 'table', 'general'], candidates: ['here', 'table', 'general'] },
    ]);
  });
  it('names the variants when no variant is preferred', () => {
    const selection = newSelection();
    const poor = { ...table, variants: variants.slice(0, 2) };
    expect(() => selection.select(poor, 4)).toThrow('count 4: expected one of large, odd to be preferred, got none');
  });
});

describe('readVariantRecord', () => {
  it.each([null, 'general', [], ['general'], { 'count 1': 2 }])('refuses %j', (value) => {
    expect(() => readVariantRecord('open: variants', value)).toThrow(
      'open: variants: expected an object with the name of a variant for each problem',
    );
  });
});
