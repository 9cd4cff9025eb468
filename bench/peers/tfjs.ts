import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-webgpu';
import type { Library } from '../library';
import { kernelJob } from './tfjs-kernels';
import { stepNetwork } from './tfjs-step';

const NAME = 'tfjs-backend-webgpu';

/** TensorFlow.js on WebGPU, with its layers. */
export async function tfjsLibrary(): Promise<Library> {
  if (!(await tf.setBackend('webgpu'))) throw new Error('tfjs: its WebGPU backend did not start');
  await tf.ready();
  return {
    name: NAME,
    version: tf.version_core,
    device: tf.backend().device,
    kernel: kernelJob,
    steps: [{ label: NAME, prepare: stepNetwork }],
  };
}
