/**
 * The public API.
 * @module wgrad
 */
export { capture, type CapturedStep } from './capture/capture';
export { CaptureError } from './tensor/errors';
export { enableGrad, noGrad } from './autograd/mode';
export { tune, type TuneOptions, type Tuning } from './tune/tune';
export { AnomalyError, detectAnomaly } from './autograd/anomaly/anomaly';
export { gradcheck, GradcheckError, type GradcheckOptions } from './autograd/gradcheck/gradcheck';
export * as data from './data';
export { DeviceLostError, GpuError, WebGPUUnavailableError } from './device/errors';
export { FileError } from './device/file-error';
export type { AdapterInfo, AdapterKind } from './device/gpu';
export * as metrics from './metrics';
export * as nn from './nn';
export * from './ops';
export * as optim from './optim';
export type { VariantSelection } from './variants/selection';
export type { VariantRecord } from './variants/variant';
export { open, type OpenOptions } from './open';
export { defaultDevice, setDefaultDevice, type Device } from './runtime/device';
export type { DebugLevel } from './profile/debug-level';
export type { TuneMode } from './variants/tune-mode';
export type { TunedShape } from './tune/tuner';
export type { Generator } from './runtime/generator';
export type { MemoryStats } from './runtime/memory/buffer-pool';
export { profile, type Profile, type ProfileOptions } from './profile/profile';
export type { KernelProfile, ProfileTotals } from './profile/report';
export {
  fromSafetensors,
  loadSafetensors,
  readSafetensorsMetadata,
  saveSafetensors,
  toSafetensors,
  type FromSafetensorsOptions,
  type LoadOptions,
  type NameFilter,
} from './serialize';
export {
  arange,
  eye,
  full,
  ones,
  onesLike,
  rand,
  randint,
  randLike,
  randn,
  randnLike,
  tensor,
  zeros,
  zerosLike,
  type CreateOptions,
  type TensorOptions,
} from './tensor/create/create';
export type { DType, TypedArray } from './tensor/dtype';
export type { HostData, ImageLike, NestedArray } from './tensor/create/host-data';
export { DisposedError, GraphError } from './tensor/errors';
export type { GradientHook, HookHandle } from './tensor/hooks';
export { keep, tidy } from './tensor/scope';
export { ShapeError, type Shape } from './tensor/shape';
export type { StateDict } from './tensor/state-dict';
export { Tensor, type BackwardOptions } from './tensor/tensor';
export * as train from './train';
