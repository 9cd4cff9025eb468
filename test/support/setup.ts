import { afterEach } from 'vitest';
import { openedDevice } from './device';

// What was tuned on this machine changes the last bits.
Object.assign(globalThis, { WGRAD_TUNE: 'off' });

// Uncaptured GPU errors fail no test by themselves.
afterEach(async () => {
  const device = await openedDevice();
  if (device && !device.gpu.lostError) await device.finish();
});
