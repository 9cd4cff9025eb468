import { checkOptions } from '../device/options';
import type { Profile, ProfileOptions } from './profile.lazy';

export type { Profile, ProfileOptions };

/**
 * Runs `fn`, waits for its GPU work and reports the time of each kernel. To exclude compilation, call `fn` once before.
 *
 * Every dispatch is timed in a pass of its own by the GPU's clock, which makes a profiled run slower; results are the
 * same bit for bit. On a device without `timestamp-query`, dispatches are submitted and awaited one by one, and their
 * times are the host's, about 0.1 ms too long. Browsers round the GPU's clock, so the times of short kernels are
 * inexact there.
 *
 * Throws what `fn` throws, the first error of the GPU work, and `Error` when the device is being profiled already.
 */
export async function profile<T>(fn: () => T | Promise<T>, options: ProfileOptions = {}): Promise<Profile<T>> {
  checkOptions('profile', options, 'device');
  const { profileNow } = await import('./profile.lazy');
  return profileNow(fn, options);
}
