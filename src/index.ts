export { capture, type CapturedStep } from './autograd/capture';
export { enableGrad, noGrad } from './autograd/mode';
export { tune, type TuneOptions, type Tuning } from './autograd/tune';
export { gradcheck, GradcheckError, type GradcheckOptions } from './autograd/gradcheck';
export * as data from './data';
export { DeviceLostError, GpuError, WebGPUUnavailableError } from './device/errors';
export type { AdapterInfo, AdapterKind } from './device/gpu';
export * as metrics from './metrics';
export * as nn from './nn';
export * from './ops';
export * as optim from './optim';
export type { ChoiceRecord } from './runtime/choices';
export { defaultDevice, open, setDefaultDevice, type Device, type OpenOptions } from './runtime/device';
export type { DebugLevel } from './runtime/debug-level';
export type { TuneMode } from './runtime/tune-mode';
export type { TunedShape } from './runtime/tuner';
export type { MemoryStats } from './runtime/pool';
export { profile, type Profile, type ProfileOptions } from './runtime/profile';
export type { KernelProfile, ProfileTotals } from './runtime/profile-report';
export { fromSafetensors, loadSafetensors, saveSafetensors, toSafetensors, type StateDict } from './serialize';
export {
  arange,
  eye,
  full,
  ones,
  rand,
  randn,
  tensor,
  zeros,
  type CreateOptions,
  type NestedArray,
} from './tensor/create';
export type { DType, TypedArray } from './tensor/dtype';
export { keep, tidy } from './tensor/scope';
export { ShapeError, type Shape } from './tensor/shape';
export { Tensor } from './tensor/tensor';
export * as train from './train';
