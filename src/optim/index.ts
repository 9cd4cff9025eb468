export { Adam, adam, AdamW, adamW, type AdamOptions } from './adam';
export { clipGradNorm, clipGradValue } from './clip';
export { Optimizer } from './optimizer';
export { SGD, sgd, type SGDOptions } from './sgd';
export type { OptimizerState } from './state';
export * from './schedulers';
