import { defaultDevice, getWebGPUDevice, init } from '@jax-js/jax';
import type { Library } from '../library';
import { kernelJob } from './jaxjs-kernels';
import { stepNetwork } from './jaxjs-step';
import { dependencies } from './package.json';

const NAME = 'jax-js';

/** jax-js on WebGPU, everything compiled by its `jit`. */
export async function jaxjsLibrary(): Promise<Library> {
  const devices = await init('webgpu');
  if (!devices.includes('webgpu')) throw new Error('jax-js: its WebGPU backend did not start');
  defaultDevice('webgpu');
  return {
    name: NAME,
    version: dependencies['@jax-js/jax'],
    device: getWebGPUDevice(),
    kernel: kernelJob,
    steps: [{ label: NAME, prepare: stepNetwork }],
  };
}
