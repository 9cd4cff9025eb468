import { afterEach, beforeEach } from 'vitest';
// Before a device is opened, as in a program: it is loaded meanwhile.
import '../../src/capture/capture';
import { openedDevice } from './device';
import { SEED } from './random';

// What was tuned on this machine changes the last bits.
Object.assign(globalThis, { WGRAD_TUNE: 'off' });

// Files share the device, in an order that varies: a test draws the same numbers after any of them, or alone.
beforeEach(async () => {
  const device = await openedDevice();
  if (device) Object.assign(device.generator, { seed: SEED, offset: 0 });
});

// Uncaptured GPU errors fail no test by themselves.
afterEach(async () => {
  const device = await openedDevice();
  if (device && !device.gpu.lostError) await device.finish();
});
