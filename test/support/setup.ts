import { afterEach } from 'vitest';
import { testDevice } from './device';

// Uncaptured GPU errors fail no test by themselves.
afterEach(async () => {
  const device = await testDevice();
  if (!device.gpu.lostError) await device.finish();
});
