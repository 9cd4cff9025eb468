import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { matmul } from '../../src/ops/matmul/matmul';
import type { VariantRecord } from '../../src/variants/variant';
import { storeVariantRecord, loadVariantRecord } from '../../src/tune/cache';
import { ones } from '../../src/tensor/create/create';
import { testDevice } from '../support/device';
import { tuning } from '../support/process/tuning';

const own = tuning();
const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
beforeEach(() => {
  warn.mockClear();
});
afterEach(() => own.clear());

/** The only product that these tests compute, and a variant that no table takes for it. */
const PRODUCT = 'matmul 20x30x40 a 30,1 b 40,1';
const UNUSUAL = { [PRODUCT]: 'general' };
const compute = (): void => {
  matmul(ones([20, 30]), ones([30, 40])).dispose();
};

/** What a device that is opened with these options takes for the product. */
async function taken(options: { tune?: 'cached' | 'force' | 'off'; variants?: VariantRecord } = {}): Promise<string> {
  const { variants } = await own.device(options);
  compute();
  return variants.record()[PRODUCT];
}

describe('what was tuned', () => {
  it('is stored in one file per adapter, and added to', async () => {
    const { info } = await testDevice();
    expect(await loadVariantRecord(info)).toEqual({});
    await storeVariantRecord(info, { a: 'x', b: 'y' });
    await storeVariantRecord(info, { b: 'z' });
    expect(await loadVariantRecord(info)).toEqual({ a: 'x', b: 'z' });
    expect(await own.files()).toEqual([expect.stringMatching(/^tune-[0-9a-f]{16}\.json$/)]);
    expect(warn).not.toHaveBeenCalled();
  });
  it('does not count on another adapter or driver', async () => {
    const { info } = await testDevice();
    await storeVariantRecord(info, { a: 'x' });
    for (const change of [{ device: 'other' }, { description: 'driver 2' }, { subgroupSize: 32 }])
      expect(await loadVariantRecord({ ...info, ...change })).toEqual({});
    expect(warn).not.toHaveBeenCalled();
  });
  it.each([
    ['cut short', (text: string) => text.slice(0, 20)],
    ['of another adapter', (text: string) => text.replace('"key": "', '"key": "other ')],
    ['of another kind', () => '[1, 2]'],
    ['not of names', (text: string) => text.replace('"general"', '7')],
  ])('is ignored with one warning where the file is %s', async (_, spoil) => {
    await storeVariantRecord((await testDevice()).info, UNUSUAL);
    await own.write(spoil(await own.read()));
    expect(await taken()).toBe(await taken({ tune: 'off' }));
    expect(warn).toHaveBeenCalledTimes(1);
    expect(warn.mock.calls[0][0]).toMatch(/^wgrad: ignoring the tuner's cache: /);
  });
});

describe('open', () => {
  it('uses what was tuned unless an option says otherwise', async () => {
    const usual = await taken();
    expect(usual).not.toBe('general');
    await storeVariantRecord((await testDevice()).info, UNUSUAL);
    expect(await taken()).toBe('general');
    expect(await taken({ tune: 'off' })).toBe(usual);
    expect(await taken({ tune: 'force' })).toBe(usual);
  });
  it('uses what an earlier run has recorded in its place', async () => {
    const usual = await taken();
    expect(await taken({ variants: UNUSUAL, tune: 'off' })).toBe('general');
    await storeVariantRecord((await testDevice()).info, UNUSUAL);
    expect(await taken({ variants: {} })).toBe(usual);
    expect(await taken({ variants: { [PRODUCT]: usual } })).toBe(usual);
  });
  it('rejects other tune modes, and variants that are not a record', async () => {
    await expect(own.device({ tune: 'on' as 'off' })).rejects.toThrow(
      'WGRAD_TUNE: expected cached, force or off, got "on"',
    );
    await expect(own.device({ variants: [] as unknown as VariantRecord })).rejects.toThrow(
      'open: variants: expected an object',
    );
  });
});
