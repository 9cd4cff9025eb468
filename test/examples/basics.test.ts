import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ROOT, type Program } from '../docs/markdown';
import { runProgram } from '../docs/run';
import { typeErrors } from '../docs/type-check';

const FOLDER = 'examples/basics/';
const program = (page: string): Program => {
  return { page: FOLDER + page, line: 1, source: readFileSync(ROOT + FOLDER + page, 'utf8'), output: [], runs: true };
};

/** The number behind `label` in the last line that has it. */
function figure(printed: readonly string[], label: string): number {
  const found = printed.filter((line) => line.includes(label)).at(-1);
  return Number(new RegExp(`${label}\\D*?(-?[\\d.]+)`).exec(found ?? '')?.[1] ?? NaN);
}

/** What each program must have printed: figures of its own, which follow from its seed. */
const CHECKS: Record<string, (printed: string[]) => void> = {
  'xor.ts': (printed) => {
    expect(figure(printed, 'step 0: loss')).toBeGreaterThan(0.5);
    expect(figure(printed, 'step 200: loss')).toBeLessThan(0.005);
    const rows = printed
      .join('\n')
      .match(/[\d.e-]+, [\d.e-]+/g)
      ?.map((row) => row.split(', ').map(Number));
    expect(rows?.map(([zero, one]) => Number(one > zero))).toEqual([0, 1, 1, 0]);
  },
  'linear-regression.ts': (printed) => {
    const [w0, w1, b] = printed[0].match(/-?\d+\.\d+/g)?.map(Number) ?? [];
    expect(Math.abs(w0 - 3)).toBeLessThan(0.02);
    expect(Math.abs(w1 + 2)).toBeLessThan(0.02);
    expect(Math.abs(b - 1)).toBeLessThan(0.02);
  },
  'custom-module.ts': (printed) => {
    expect(printed[0].split(' ')).toContain('1.scale');
    expect(printed[0].split(' ')).toContain('2.body.0.weight');
    expect(figure(printed, 'step 0: loss')).toBeGreaterThan(0.05);
    expect(figure(printed, 'step 300: loss')).toBeLessThan(0.002);
  },
  'training-loop.ts': (printed) => {
    expect(printed).toHaveLength(20);
    expect(figure(printed, 'accuracy')).toBeGreaterThan(0.95);
    expect(figure(printed, 'lr')).toBe(0);
  },
  'save-and-load.ts': (printed) => {
    expect(figure(printed, 'after 100 steps:')).toBeLessThan(0.05);
    expect(printed).toContain('the same, bit for bit: true');
  },
  'profile.ts': (printed) => {
    expect(printed[0]).toMatch(/^kernel +ops +count +GPU ms/);
    expect(printed.some((line) => /\bconv2d +\d+ /.test(line))).toBe(true);
    expect(printed.at(-1)).toMatch(/^\d+ dispatches per step, 5 submits$/);
  },
  'tune.ts': (printed) => {
    expect(printed[0]).toMatch(/^matmul 256x128x10 .*\(the written table picks /);
    expect(printed.filter((line) => line.endsWith(' ms')).length).toBeGreaterThan(1);
    expect(printed.at(-1)).toBe('same variants');
  },
};

it('has a check for every program', () => {
  expect(readdirSync(ROOT + FOLDER).filter((name) => name.endsWith('.ts'))).toEqual(Object.keys(CHECKS).sort());
});

it('compiles under the strictest options, without internals of the library', () => {
  expect(typeErrors(Object.keys(CHECKS).map(program))).toEqual([]);
});

it.each(Object.entries(CHECKS))('%s computes what it says', async (name, check) => {
  const source = readFileSync(ROOT + FOLDER + name, 'utf8');
  expect(source.split('\n').length).toBeLessThan(60);
  check(await runProgram(program(name)));
});
