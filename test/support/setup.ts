import { afterEach } from 'vitest';
import { openedDevice } from './device';

// Uncaptured GPU errors fail no test by themselves.
afterEach(async () => {
  const device = await openedDevice();
  if (device && !device.gpu.lostError) await device.finish();
});
