export { ModelInUseError } from './model-in-use-error';
export { evaluate, type Evaluation } from './evaluate';
export { fit } from './fit';
export type { FirstStep, FitOptions, LossFitOptions, Position, Progress, StepFitOptions } from './fit-options';
export type { LossObjective, Measure, NamesIn, OneInput, StepObjective, StepResult, Targets, Whole } from './objective';
export type { LossSummary, Summary } from './running-metrics';
