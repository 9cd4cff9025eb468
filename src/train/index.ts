export { ModelInUseError } from './checks';
export { evaluate, type Evaluation } from './evaluate';
export { fit, type FirstStep, type FitOptions, type Progress } from './fit';
export type { Summary } from './running-metrics';
