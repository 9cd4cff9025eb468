import { afterAll, beforeAll, expect, it } from 'vitest';
import { commands } from 'vitest/browser';
import { setDefaultDevice, type Device } from 'wgrad';
import { testDevice } from '../support/device';
import { train } from './training';

let shared: Device;
beforeAll(async () => {
  shared = await testDevice();
});
afterAll(() => {
  setDefaultDevice(shared);
});

it('a training has the same losses and ends in the same weights, bit for bit, as in Node', async () => {
  const here = await train();
  const inNode = await commands.trainInNode();
  expect(here.adapter).toBe(inNode.adapter);
  expect(here.subgroupSize).toBe(inNode.subgroupSize);
  expect(here.losses).toEqual(inNode.losses);
  expect(here.state).toEqual(inNode.state);
});
