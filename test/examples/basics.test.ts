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
  'regression.ts': (printed) => {
    const weights = (label: string) =>
      printed
        .find((line) => line.startsWith(label))
        ?.match(/-?\d+\.\d+/g)
        ?.map(Number) ?? [];
    const [descent, closed] = [weights('gradient descent'), weights('closed form')];
    expect(descent).toHaveLength(4);
    [1, -2, 0, 4].forEach((weight, i) => {
      expect(Math.abs(closed[i] - weight)).toBeLessThan(0.05); // the noise of the data
      expect(Math.abs(closed[i] - descent[i])).toBeLessThan(3e-4);
    });
    expect(figure(printed, 'largest difference:')).toBeLessThan(3e-4);
    expect(figure(printed, 'step 0: loss')).toBeGreaterThan(1);
    expect(figure(printed, 'step 200: loss')).toBeLessThan(0.0101);
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
  'models/vae.ts': (printed) => {
    expect(figure(printed, 'step 0: error')).toBeGreaterThan(10);
    expect(figure(printed, 'step 600: error')).toBeLessThan(0.3);
    // One bit is 0.69 nats: the codes are in use, and far from exact.
    const nats = Number(/([\d.]+) nats$/.exec(printed[3])?.[1]);
    expect(nats).toBeGreaterThan(3);
    expect(nats).toBeLessThan(6);
    expect(figure(printed, 'explained variance of new pictures:')).toBeGreaterThan(0.9);
    // The dot is in another corner at the end of the line than at its beginning.
    const drawn = printed.slice(-8).map((line) => line.split('|'));
    const rows = [0, 4].map((picture) => drawn.findIndex((row) => /[+*#%@]{2}/.test(row[picture])));
    expect(rows.every((row) => row >= 0)).toBe(true);
    expect(Math.abs(rows[0] - rows[1])).toBeGreaterThan(2);
  },
  'models/gan.ts': (printed) => {
    const shares = (label: string) =>
      printed
        .find((line) => line.startsWith(label))
        ?.match(/\d\.\d+/g)
        ?.map(Number) ?? [];
    expect(shares('real points')).toHaveLength(4);
    expect(shares('made points')).toHaveLength(4);
    // Made points are near each of the places, and nearly all of them are near one.
    for (const share of shares('made points')) expect(share).toBeGreaterThan(0.1);
    expect(shares('made points').reduce((a, b) => a + b)).toBeGreaterThan(0.75);
  },
  'models/lstm.ts': (printed) => {
    expect(figure(printed, 'step 0: loss')).toBeGreaterThan(0.65); // a guess: ln 2
    expect(figure(printed, 'step 300: loss')).toBeLessThan(0.03);
    expect(figure(printed, 'accuracy on 32 bits:')).toBeGreaterThan(0.98);
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
  'models/gpt.ts': (printed) => {
    expect(figure(printed, 'step 0: loss')).toBeGreaterThan(3.5);
    // Letters by their frequency alone come to about 3.2.
    expect(figure(printed, 'step 300: loss')).toBeLessThan(2.6);
    // A position that saw the next character would know it.
    expect(figure(printed, 'step 300: loss')).toBeGreaterThan(1.5);
    expect(printed.at(-1)).toMatch(/^writes: ".{84,}"$/);
  },
  'models/unet.ts': (printed) => {
    expect(figure(printed, 'step 0: loss')).toBeGreaterThan(0.6);
    expect(figure(printed, 'step 80: loss')).toBeLessThan(0.08);
    expect(figure(printed, 'IoU')).toBeGreaterThan(0.7);
  },
  'models/transfer.ts': (printed) => {
    expect(figure(printed, 'strokes: accuracy')).toBeGreaterThan(0.95);
    expect(figure(printed, 'from 32 examples: accuracy')).toBeGreaterThan(0.85);
    expect(printed.at(-1)).toBe('the features are the same, bit for bit: true');
  },
  'models/dqn.ts': (printed) => {
    expect(figure(printed, 'before: stands for')).toBeLessThan(40);
    expect(figure(printed, 'after: stands for')).toBeGreaterThan(100);
  },
};

it('has a check for every program', () => {
  const files = readdirSync(ROOT + FOLDER, { recursive: true, encoding: 'utf8' });
  const programs = files.filter((name) => name.endsWith('.ts') && !name.startsWith('page'));
  expect(programs.sort()).toEqual(Object.keys(CHECKS).sort());
});

it('compiles under the strictest options, without internals of the library', () => {
  expect(typeErrors(Object.keys(CHECKS).map(program))).toEqual([]);
});

it.each(Object.entries(CHECKS))('%s computes what it says', async (name, check) => {
  const source = readFileSync(ROOT + FOLDER + name, 'utf8');
  expect(source.split('\n').length).toBeLessThanOrEqual(81); // 80 lines, and what follows the last line break
  check(await runProgram(program(name)));
});
