import { open, type Device } from '../../src/runtime/device';

let shared: Promise<Device> | null = null;

/** One device for all the tests of a process. */
export function testDevice(): Promise<Device> {
  shared ??= open({ seed: 1 });
  return shared;
}
