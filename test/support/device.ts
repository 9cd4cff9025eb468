import { open } from '../../src/open';
import { type Device } from '../../src/runtime/device';

let opening: Promise<Device> | null = null;

/** One device for all the tests of a process. */
export function testDevice(): Promise<Device> {
  opening ??= open();
  return opening;
}

/** The device, where a test has asked for one. */
export function openedDevice(): Promise<Device> | null {
  return opening;
}
