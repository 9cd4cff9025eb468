import { expect, it } from 'vitest';
import { preload, preloaded } from '../../src/runtime/preload';

it('loads what was asked for before a device is opened, while it is opened', async () => {
  const value = preload(() => Promise.resolve(7));
  await preloaded();
  expect(value()).toBe(7);
});

it('loads what is asked for later at once', async () => {
  await preloaded();
  let arrive: (value: number) => void = () => undefined;
  const value = preload(() => new Promise<number>((resolve) => (arrive = resolve)));
  expect(value()).toBeNull();
  arrive(8);
  await preloaded();
  expect(value()).toBe(8);
});

it('tries again with the next device what could not be loaded', async () => {
  let tries = 0;
  const value = preload(() => (++tries === 1 ? Promise.reject(new Error('offline')) : Promise.resolve(tries)));
  await expect(preloaded()).rejects.toThrow('offline');
  expect(value()).toBeNull();
  await preloaded();
  expect(value()).toBe(2);
});
