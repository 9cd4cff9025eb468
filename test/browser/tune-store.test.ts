import { expect, it } from 'vitest';
import { matmul, ones, open, setDefaultDevice, tidy } from 'wgrad';
import { storeVariantRecord } from '../../src/tune/cache';
import { textStore } from '../../src/tune/store';
import { testDevice } from '../support/device';

it('stores texts in IndexedDB', async () => {
  const store = await textStore();
  if (!store) expect.fail('this page has no IndexedDB');
  const key = crypto.randomUUID();
  expect(await store.read(key)).toBeNull();
  await store.write(key, 'one');
  await store.write(key, 'two');
  expect(await store.read(key)).toBe('two');
  expect(await store.read(`${key} 2`)).toBeNull();
});

it('a device that is opened uses what was tuned in this page', async () => {
  const shared = await testDevice();
  const work = 'matmul 21x31x41 a 31,1 b 41,1';
  await storeVariantRecord(shared.info, { [work]: 'general' });
  for (const [tune, decided] of [
    ['cached', true],
    ['off', false],
  ] as const) {
    const device = await open({ tune });
    try {
      setDefaultDevice(device);
      tidy(() => matmul(ones([21, 31]), ones([31, 41])));
      expect(device.variants.isLoaded(work)).toBe(decided);
      if (decided) expect(device.variants.record()[work]).toBe('general');
    } finally {
      setDefaultDevice(shared);
      device.destroy();
    }
  }
});
