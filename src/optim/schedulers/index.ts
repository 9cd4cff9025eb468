export { CosineAnnealingLR, cosineAnnealingLR, type CosineAnnealingLROptions } from './cosine';
export {
  ExponentialLR,
  exponentialLR,
  MultiStepLR,
  multiStepLR,
  StepLR,
  stepLR,
  type ExponentialLROptions,
  type MultiStepLROptions,
  type StepLROptions,
} from './decay';
export { LinearLR, linearLR, type LinearLROptions } from './linear';
export { OneCycleLR, oneCycleLR, type OneCycleLROptions } from './one-cycle';
export { ReduceLROnPlateau, reduceLROnPlateau, type ReduceLROnPlateauOptions } from './plateau';
export { LRScheduler } from './scheduler';
export { SequentialLR, sequentialLR, type SequentialLROptions } from './sequential';
export type { SchedulerState } from './state';
