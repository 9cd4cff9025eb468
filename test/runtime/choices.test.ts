import { beforeAll, describe, expect, it } from 'vitest';
import { Choices, readChoices, type Family, type Variant } from '../../src/runtime/choices';
import type { Device } from '../../src/runtime/device';
import { testDevice } from '../support/device';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});

const variants: Variant<number>[] = [
  { name: 'large', runs: (n) => n >= 10, serves: (n) => n >= 100 },
  { name: 'odd', serves: (n) => n % 2 === 1 },
  { name: 'general', runs: () => true, serves: () => true },
];
const family: Family<number, Variant<number>> = {
  name: 'count',
  variants,
  shapeOf: String,
  trial: () => ({ launch: () => undefined, dispose: () => undefined }),
};

describe('choices', () => {
  it('are those of the table where nothing was decided', () => {
    const choices = new Choices(device);
    const names = [100, 101, 11, 10, 2].map((n) => choices.choose(family, n).name);
    expect(names).toEqual(['large', 'large', 'odd', 'general', 'general']);
    expect(choices.record()).toEqual({
      'count 10': 'general',
      'count 100': 'large',
      'count 101': 'large',
      'count 11': 'odd',
      'count 2': 'general',
    });
  });
  it('are those that were decided where they can run', () => {
    const choices = new Choices(device);
    choices.adopt({ 'count 50': 'large', 'count 2': 'large', 'count 3': 'unheard of', 'count 4': 'odd' });
    expect([50, 2, 3, 4].map((n) => choices.choose(family, n).name)).toEqual(['large', 'general', 'odd', 'general']);
    expect(choices.decided('count 2')).toBe(true);
    expect(choices.decided('count 6')).toBe(false);
    // What is in use, not what was wished for.
    expect(choices.record()).toMatchObject({ 'count 50': 'large', 'count 2': 'general', 'count 3': 'odd' });
  });
  it('change for what was met before, and captured steps go out of date', () => {
    const choices = new Choices(device);
    expect(choices.choose(family, 30).name).toBe('general');
    const version = device.layoutVersion;
    choices.adopt({ 'count 30': 'large' });
    expect(choices.choose(family, 30).name).toBe('large');
    expect(device.layoutVersion).toBeGreaterThan(version);
  });
  it('tell what a function meets, and what can compute it', () => {
    const choices = new Choices(device);
    choices.choose(family, 1);
    const met = choices.listen(() => {
      for (const n of [25, 25, 1]) choices.choose(family, n);
    });
    expect(met.map(({ work, names, preset }) => ({ work, names, preset }))).toEqual([
      { work: 'count 25', names: ['large', 'odd', 'general'], preset: 'odd' },
      { work: 'count 1', names: ['odd', 'general'], preset: 'odd' },
    ]);
    expect(choices.met).toHaveLength(2);
  });
  it('leave out of a measurement what is made for another kind of adapter', () => {
    const { kind } = device.info;
    const other = kind === 'cpu' ? 'gpu' : 'cpu';
    const made: Variant<number>[] = [
      { name: 'here', serves: () => false, runs: () => true, madeFor: kind },
      { name: 'there', serves: () => false, runs: () => true, madeFor: other },
      { name: 'table', serves: (n) => n > 5, madeFor: other },
      ...variants,
    ];
    const choices = new Choices(device);
    const met = choices.listen(() => {
      for (const n of [2, 6]) choices.choose({ ...family, variants: made }, n);
    });
    expect(met.map(({ names, contenders }) => ({ names, contenders }))).toEqual([
      { names: ['here', 'there', 'general'], contenders: ['here', 'general'] },
      { names: ['here', 'there', 'table', 'general'], contenders: ['here', 'table', 'general'] },
    ]);
  });
  it('name the variants when none serves', () => {
    const choices = new Choices(device);
    const poor = { ...family, variants: variants.slice(0, 2) };
    expect(() => choices.choose(poor, 4)).toThrow('count 4: none of large, odd serves this shape');
  });
});

describe('readChoices', () => {
  it.each([null, 'general', [], ['general'], { 'count 1': 2 }])('refuses %j', (value) => {
    expect(() => readChoices('open: choices', value)).toThrow(
      'open: choices: an object with the name of a variant for each shape is wanted',
    );
  });
});
