import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { capture } from '../../src/capture/capture';
import { mul } from '../../src/ops/elementwise/binary';
import { sum } from '../../src/ops/reduce/reduce';
import { sgd } from '../../src/optim';
import type { DebugLevel } from '../../src/profile/debug-level';
import { open } from '../../src/open';
import { setDefaultDevice, type Device } from '../../src/runtime/device';
import { profile } from '../../src/profile/profile';
import { ones } from '../../src/tensor/create/create';
import type { Tensor } from '../../src/tensor/tensor';
import { program } from '../support/process/child';
import { testDevice } from '../support/device';

let shared: Device;
beforeAll(async () => {
  shared = await testDevice();
});

let opened: Device[] = [];
afterEach(() => {
  setDefaultDevice(shared);
  for (const device of opened) device.destroy();
  opened = [];
});

/** A device that prints into the list. */
async function printing(
  debug: DebugLevel,
  features?: GPUFeatureName[],
): Promise<{ device: Device; printed: string[] }> {
  const printed: string[] = [];
  const device = await open({ debug, features, log: (text) => printed.push(text) });
  opened.push(device);
  setDefaultDevice(device);
  return { device, printed };
}

/** A training step of one parameter. */
function training(): { step: (x: Tensor) => void; x: Tensor } {
  const weight = ones([4], { requiresGrad: true });
  const optimizer = sgd([weight], { lr: 0.1 });
  const step = (x: Tensor): void => {
    sum(mul(x, weight)).backward();
    optimizer.step();
  };
  return { step, x: ones([4]) };
}

const LINE = new RegExp(
  '^wgrad: step \\d+ \\(\\w+\\): [\\d.]+ ms(, GPU [\\d.]+ ms)?, host [\\d.]+ ms; ' +
    '\\d+ dispatch(es)? in \\d+ submits?(; \\d+ pipelines? compiled in \\d+ ms)?; [\\d.]+ MiB in use$',
);
const names = (printed: readonly string[]) => printed.map((text) => /\((\w+)\)/.exec(text)?.[1]);

describe('debug', () => {
  it("1 prints a line for each step: an optimizer's, a captured function's, and the rest at finish()", async () => {
    const { device, printed } = await printing(1);
    const { step, x } = training();
    step(x);
    step(x);
    const captured = capture(step);
    captured(x);
    captured(x);
    mul(x, x);
    await device.finish();
    await device.finish();
    expect(names(printed)).toEqual(['sgd', 'sgd', 'captured', 'captured', 'finish']);
    for (const line of printed) expect(line).toMatch(LINE);
    expect(printed[4]).toContain('step 5 (finish)');
    expect(printed[4]).toContain(' 1 dispatch in 1 submit;');
    expect(printed[1]).not.toContain('compiled');
    if (device.features.has('timestamp-query')) expect(printed[1]).toContain(', GPU ');
  });
  it('1 goes without the time of a GPU that has no clock', async () => {
    const { device, printed } = await printing(1, []);
    const { step, x } = training();
    step(x);
    await device.finish();
    expect(printed).toHaveLength(1);
    expect(printed[0]).toMatch(LINE);
    expect(printed[0]).not.toContain('GPU');
  });
  it.each([{ features: undefined }, { features: [] }])(
    '2 adds the table of kernels ($features)',
    async ({ features }) => {
      const { device, printed } = await printing(2, features);
      const { step, x } = training();
      step(x);
      await device.finish();
      const [line, header, ...rows] = printed.join('\n').split('\n');
      expect(line).toMatch(LINE);
      expect(line).toContain('GPU');
      expect(header).toMatch(/^kernel +ops +count +GPU ms/);
      expect(rows.find((row) => row.startsWith('sgd'))).toMatch(/ sgd +1 +\d+\.\d{3} +\d+\.\d% +\d+\.\d\d$/);
    },
  );
  it('3 adds the WGSL of each kernel, once', async () => {
    const { device, printed } = await printing(3);
    const { step, x } = training();
    step(x);
    step(x);
    await device.finish();
    const kernels = printed.filter((text) => text.startsWith('wgrad: kernel'));
    expect(new Set(kernels).size).toBe(kernels.length);
    expect(kernels.find((text) => text.startsWith('wgrad: kernel sgd WG=64'))).toContain('fn main(');
    expect(names(printed.filter((text) => !kernels.includes(text)))).toEqual(['sgd', 'sgd']);
  });
  it('is silent within profile() and goes on after it', async () => {
    const { device, printed } = await printing(1);
    const { step, x } = training();
    await device.finish();
    printed.length = 0;
    const { totals } = await profile(() => {
      step(x);
    });
    expect(totals.dispatches).toBeGreaterThan(0);
    expect(printed).toEqual([]);
    step(x);
    await device.finish();
    expect(names(printed)).toEqual(['sgd']);
  });
  it.each(['cold', 'warm'])('says so where the device ends before the times are read (%s)', async (state) => {
    const { device, printed } = await printing(1);
    const { step, x } = training();
    if (state === 'warm') step(x);
    await device.finish();
    printed.length = 0;
    step(x);
    device.destroy();
    await expect
      .poll(() => printed)
      .toEqual(['wgrad: step 2 (sgd): the device was lost before its times could be read']);
  });
  it('0 prints nothing', async () => {
    const { device, printed } = await printing(0);
    const { step, x } = training();
    step(x);
    await device.finish();
    expect(printed).toEqual([]);
    expect(device.observers).toEqual({ runtime: null, pipelineCreated: null });
  });
  it('refuses other levels', async () => {
    await expect(open({ debug: 4 as DebugLevel })).rejects.toThrow('WGRAD_DEBUG: expected 0, 1, 2 or 3, got 4');
  });
});

describe('WGRAD_DEBUG', () => {
  it('in the environment or on globalThis sets the level; the lines go to stderr', async () => {
    const work = await program(`
import { open } from './src/open';
import { ones } from './src/tensor/create/create';
import { mul } from './src/ops/elementwise/binary';
if (process.env.ON_GLOBAL) globalThis.WGRAD_DEBUG = Number(process.env.ON_GLOBAL);
try {
  const device = await open();
  const x = ones([3]);
  mul(x, x);
  await device.finish();
  console.log('done');
} catch (error) {
  console.log(error.name + ': ' + error.message);
}`);
    const [one, none, bad, global] = await Promise.all(
      [{ WGRAD_DEBUG: '1' }, { WGRAD_DEBUG: '' }, { WGRAD_DEBUG: 'loud' }, { WGRAD_DEBUG: '0', ON_GLOBAL: '1' }].map(
        (env) => work.run({ env }),
      ),
    );
    await work.remove();
    for (const { stdout, stderr } of [one, global]) {
      expect(stdout).toBe('done\n');
      expect(stderr).toMatch(/^wgrad: step 1 \(finish\): .* 2 dispatches in /m);
    }
    expect(none.stdout).toBe('done\n');
    expect(none.stderr).not.toContain('wgrad:');
    expect(bad.stdout).toBe('RangeError: WGRAD_DEBUG: expected 0, 1, 2 or 3, got "loud"\n');
  });
});
