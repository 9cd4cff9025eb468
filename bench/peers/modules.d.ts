/** What the benchmark uses of the other libraries, so that it can be checked where they are not installed. */

declare module '@tensorflow/tfjs-core' {
  export interface Tensor {
    readonly shape: number[];
    data(): Promise<Float32Array>;
    dispose(): void;
  }
  export type Variable = Tensor;
  interface Backend {
    readonly device: GPUDevice;
    readonly queue: GPUQueue;
    ensureCommandEncoderReady(): void;
    endComputePassEncoder(): void;
    submitQueue(): void;
  }
  interface Optimizer {
    minimize(loss: () => Tensor, returnCost: true, variables: Variable[]): Tensor | null;
    dispose(): void;
  }
  type Gradients = Record<string, () => Tensor>;
  interface GradientRule {
    gradFunc(gradient: Tensor, saved: Tensor[], attributes: object): Gradients;
  }
  export const version_core: string;
  export const losses: { softmaxCrossEntropy(oneHot: Tensor, logits: Tensor): Tensor };
  export const train: { adam(lr: number, beta1: number, beta2: number, eps: number): Optimizer };
  export function setBackend(name: string): Promise<boolean>;
  export function ready(): Promise<void>;
  export function backend(): Backend;
  export function tensor(values: Float32Array, shape: readonly number[]): Tensor;
  export function tidy<T>(fn: () => T): T;
  export function dispose(tensors: readonly Tensor[]): void;
  export function matMul(a: Tensor, b: Tensor): Tensor;
  export function conv2d(input: Tensor, filter: Tensor, strides: number, pad: string): Tensor;
  export function getGradient(kernel: string): GradientRule;
}

declare module '@tensorflow/tfjs-backend-cpu' {}
declare module '@tensorflow/tfjs-backend-webgpu' {}

declare module '@tensorflow/tfjs-layers' {
  import type { Tensor, Variable } from '@tensorflow/tfjs-core';
  interface Layer {
    setWeights(weights: Tensor[]): void;
    /** Of dropout. */
    rate: number;
  }
  interface Model {
    readonly trainableWeights: { readonly val: Variable }[];
    add(layer: Layer): void;
    apply(input: Tensor, options: { training: boolean }): Tensor;
    dispose(): void;
  }
  type Make = (options: Record<string, unknown>) => Layer;
  export const layers: Record<'conv2d' | 'batchNormalization' | 'maxPooling2d' | 'dropout' | 'flatten' | 'dense', Make>;
  export function sequential(): Model;
}

declare module '@jax-js/jax' {
  /** Every use of an array but the last goes through `ref`: functions own what they are given. */
  export interface Array {
    readonly shape: number[];
    readonly ref: this;
    add(other: Array | number): Array;
    sub(other: Array | number): Array;
    mul(other: Array | number): Array;
    div(other: Array | number): Array;
    neg(): Array;
    reshape(shape: readonly number[]): Array;
    transpose(): Array;
    slice(index: number): Array;
    data(): Promise<Float32Array>;
    /** Dispatches what the array depends on, without waiting. */
    gpuBufferSync(): GPUBuffer;
    dispose(): void;
  }
  type Owned<F> = F & { dispose(): void };
  interface Reduction {
    keepdims: boolean;
  }
  export function init(device: string): Promise<string[]>;
  export function defaultDevice(device: string): string;
  export function getWebGPUDevice(): GPUDevice;
  export function jit<Inputs extends unknown[], Result>(
    fn: (...inputs: Inputs) => Result,
  ): Owned<(...inputs: Inputs) => Result>;
  export function vjp(fn: (x: Array) => Array, primals: [Array]): [Array, Owned<(gradient: Array) => [Array]>];
  export function valueAndGrad<Aux>(
    fn: (weights: Array[]) => [Array, Aux],
    options: { hasAux: true },
  ): (weights: Array[]) => [[Array, Aux], Array[]];
  export const numpy: {
    array(values: Float32Array | number, options?: { shape?: readonly number[]; dtype?: string }): Array;
    zeros(shape: readonly number[]): Array;
    ones(shape: readonly number[]): Array;
    mean(x: Array, axis?: readonly number[], options?: Reduction): Array;
    sum(x: Array, axis: number): Array;
    max(x: Array, axis: readonly number[]): Array;
    sqrt(x: Array): Array;
    square(x: Array): Array;
    power(base: number, exponent: Array): Array;
    where(condition: Array, yes: Array, no: number): Array;
    matmul(a: Array, b: Array): Array;
  };
  export const lax: {
    convGeneralDilated(input: Array, weight: Array, strides: number[], padding: 'SAME'): Array;
  };
  export const nn: { relu(x: Array): Array; logSoftmax(x: Array): Array };
  export const random: {
    key(seed: number): Array;
    split(key: Array, count: number): Array;
    bernoulli(key: Array, p: Array, shape: number[]): Array;
  };
}
