export { Adam, adam, AdamW, adamW, type AdamOptions } from './adam';
export { clipGradNorm, clipGradValue } from './clip';
export { Optimizer, type OptimizerConfig, type UpdateRule } from './optimizer';
export { SGD, sgd, type SGDOptions } from './sgd';
export type { OptimizerState } from './state';
export * from './schedulers';
