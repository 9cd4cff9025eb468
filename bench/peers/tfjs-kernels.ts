import * as tf from '@tensorflow/tfjs-core';
import type { KernelGroup, Part } from '../kernels/cases';
import type { KernelInputs, KernelJob } from '../library';
import { permute } from './layout';

/** tfjs-backend-webgpu computes convolutions in NHWC with weights HWIO: where each axis of ours goes. */
const TO_NHWC = [0, 2, 3, 1];
const TO_HWIO = [2, 3, 1, 0];
const FROM_NHWC = [0, 3, 1, 2];
const FROM_HWIO = [3, 2, 0, 1];

/** `values` as a tensor, with the axes in tfjs's order where the op has one of its own. */
function place(values: Float32Array, shape: readonly number[], order?: readonly number[]): tf.Tensor {
  if (!order) return tf.tensor(values, shape);
  const sizes = order.map((axis) => shape[axis]);
  return tf.tensor(permute(values, shape, order), sizes);
}

/** How tfjs computes an op, and its own rule for the gradients of its two inputs. */
const OPS = {
  matmul: {
    forward: (a: tf.Tensor, b: tf.Tensor) => tf.matMul(a, b),
    gradients: (gradient: tf.Tensor, a: tf.Tensor, b: tf.Tensor) => {
      const attributes = { transposeA: false, transposeB: false };
      const rule = tf.getGradient('BatchMatMul').gradFunc(gradient, [a, b], attributes);
      return { gradientOfA: rule.a, gradientOfB: rule.b };
    },
    layouts: null,
  },
  conv2d: {
    forward: (a: tf.Tensor, b: tf.Tensor) => tf.conv2d(a, b, 1, 'same'),
    gradients: (gradient: tf.Tensor, a: tf.Tensor, b: tf.Tensor) => {
      const attributes = { dilations: [1, 1], strides: [1, 1], pad: 'same', dataFormat: 'NHWC' };
      const rule = tf.getGradient('Conv2D').gradFunc(gradient, [a, b], attributes);
      return { gradientOfA: rule.x, gradientOfB: rule.filter };
    },
    layouts: {
      to: { a: TO_NHWC, b: TO_HWIO, out: TO_NHWC },
      from: { forward: FROM_NHWC, gradientOfA: FROM_NHWC, gradientOfB: FROM_HWIO },
    },
  },
};

/** Waits for the queue; what tfjs still holds back goes to it first. */
export async function finish(): Promise<void> {
  const backend = tf.backend();
  backend.ensureCommandEncoderReady();
  backend.endComputePassEncoder();
  backend.submitQueue();
  await backend.queue.onSubmittedWorkDone();
}

export function kernelJob(group: KernelGroup, part: Part, inputs: KernelInputs): KernelJob {
  const { forward, gradients, layouts } = OPS[group.op];
  const a = place(inputs.a, group.a, layouts?.to.a);
  const b = place(inputs.b, group.b, layouts?.to.b);
  const gradient = place(inputs.gradient, group.out, layouts?.to.out);
  const compute = (): tf.Tensor =>
    tf.tidy(() => (part === 'forward' ? forward(a, b) : gradients(gradient, a, b)[part]()));
  return {
    run: () => {
      compute().dispose();
    },
    finish,
    async result() {
      const out = compute();
      const values = await out.data();
      const { shape } = out;
      out.dispose();
      return layouts ? permute(values, shape, layouts.from[part]) : values;
    },
    dispose: () => {
      tf.dispose([a, b, gradient]);
    },
  };
}
