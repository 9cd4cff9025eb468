import type { KernelGroup, Part } from './kernels/cases';

/** Work that can be queued again and again. */
export interface Job {
  /** Queues the work once and drops its results. */
  run(): void;
  /** Waits until the GPU has done all that was queued: `GPUQueue.onSubmittedWorkDone()`, for every library. */
  finish(): Promise<void>;
  dispose(): void;
}

export interface KernelJob extends Job {
  /** Runs the work once more and reads what it computes, row-major: NCHW, OIHW, `[rows, columns]`. */
  result(): Promise<Float32Array>;
}

export interface StepJob extends Job {
  /** The loss of the latest step, before that step's update. */
  loss(): Promise<number>;
}

/** Numbers that every library starts from. */
export interface KernelInputs {
  readonly a: Float32Array;
  readonly b: Float32Array;
  /** The gradient of the result. */
  readonly gradient: Float32Array;
}

/** A parameter of the network in PyTorch's layout: conv `[O, I, 3, 3]`, dense `[out, in]`, else `[C]`. */
export interface Weights {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

export interface StepInputs {
  readonly batch: number;
  /** `[batch, 1, 28, 28]` */
  readonly images: Float32Array;
  /** `[batch]`, 0 to 9 */
  readonly labels: Int32Array;
  /** In the order of the network's layers. */
  readonly weights: readonly Weights[];
}

/** A training step of the MNIST CNN: forward, backward and Adam's update on one batch that stays on the GPU. */
export interface StepContender {
  readonly label: string;
  /** Makes the job; without dropout its losses can be compared. */
  prepare(inputs: StepInputs): StepNetwork;
}

/** One network in training, with dropout switched off at first. */
export interface StepNetwork extends StepJob {
  /** Trains with dropout from here on. */
  enableDropout(): void;
}

/** A library under measurement. */
export interface Library {
  readonly name: string;
  readonly version: string;
  /** The device it computes on: all must be on the same adapter. */
  readonly device: GPUDevice;
  /** `null` where the library has no such op. */
  kernel(group: KernelGroup, part: Part, inputs: KernelInputs): KernelJob | null;
  readonly steps: readonly StepContender[];
}
