import type { Profile, ProfileOptions } from './profile.lazy';

export type { Profile, ProfileOptions };

/**
 * Runs `fn`, waits for its GPU work and tells what each kernel cost. To leave compilation out, call `fn` once before.
 *
 * Every dispatch is timed in a pass of its own by the GPU's clock, so that a profiled run is slower than others; results are
 * the same bit for bit. Where the device lacks `timestamp-query`, dispatches are submitted and awaited one by one, and their
 * times are the host's, some 0.1 ms too long. Browsers round the GPU's clock: there, a short kernel has no exact time.
 *
 * Throws what `fn` throws, the first error of the GPU work, and `Error` when the device is being profiled already.
 */
export async function profile<T>(fn: () => T | Promise<T>, options: ProfileOptions = {}): Promise<Profile<T>> {
  const { profileNow } = await import('./profile.lazy');
  return profileNow(fn, options);
}
