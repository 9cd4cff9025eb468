export { Adam, adam, AdamW, adamW, type AdamOptions } from './algorithms/adam';
export type { ParameterSource } from './checks';
export { clipGradNorm, clipGradValue, type ClipGradNormOptions } from './clip';
export { Optimizer, type OptimizerConfig } from './optimizer';
export { SGD, sgd, type SGDOptions } from './algorithms/sgd';
export type { OptimizerState } from './state';
export * from './schedulers';
