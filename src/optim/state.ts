import { formatShape, sameShape, ShapeError } from '../tensor/shape';
import { DisposedError } from '../tensor/errors';
import { Tensor } from '../tensor/tensor';

export type ConfigValue = number | boolean | string | null | readonly number[];
export type Config = Readonly<Record<string, ConfigValue>>;

/** What an optimizer needs to resume: `state` for a safetensors file, `config` for its metadata as JSON. */
export interface OptimizerState {
  /** The moments of parameter i as `i.name`, in PyTorch's names. */
  readonly state: Record<string, Tensor>;
  /** The optimizer's name, its settings, and the steps that each parameter has taken. */
  readonly config: Config;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `from` itself. Throws `TypeError` unless it has the form that `stateDict()` gives. */
export function readState(op: string, from: OptimizerState): OptimizerState {
  const given: unknown = from;
  const keys = isRecord(given) ? `an object with ${Object.keys(given).join(', ') || 'nothing'}` : kindOf(given);
  if (isRecord(given) && isRecord(given.state) && isRecord(given.config)) return from;
  throw new TypeError(`${op}: expected { state, config } as stateDict() returns it, got ${keys}`);
}

function kindOf(value: unknown): string {
  if (Array.isArray(value))
    return value.every((item) => typeof item === 'number') ? `${value.length} numbers` : 'a list';
  return value === null ? 'null' : typeof value;
}

/** The settings in `given`, of the same names and types as the `current` ones. Throws `TypeError` on any other. */
export function readConfig<C extends Config>(op: string, given: Config, current: C): C {
  const unknown = Object.keys(given).filter((key) => !Object.hasOwn(current, key));
  if (unknown.length > 0) throw new TypeError(`${op}: config has an unknown entry ${unknown.join(', ')}`);
  for (const [key, value] of Object.entries(current)) {
    if (!Object.hasOwn(given, key)) throw new TypeError(`${op}: config has no ${key}`);
    if (kindOf(given[key]) !== kindOf(value)) {
      throw new TypeError(`${op}: expected config.${key} to be ${kindOf(value)}, got ${kindOf(given[key])}`);
    }
  }
  return given as C;
}

/** The counts in `steps`. Throws `TypeError` unless there is one, an integer >= 0, for each of `count` parameters. */
export function readSteps(op: string, steps: unknown, count: number): number[] {
  const valid = Array.isArray(steps) && steps.every((n): n is number => Number.isSafeInteger(n) && n >= 0);
  if (!valid || steps.length !== count) {
    throw new TypeError(`${op}: config.steps does not hold a count for each of ${count} parameters`);
  }
  return steps;
}

/** Throws unless `state` has exactly the tensors of `targets`, by name and shape. */
export function checkTensors(op: string, state: Record<string, Tensor>, targets: ReadonlyMap<string, Tensor>): void {
  for (const [name, target] of targets) {
    if (!Object.hasOwn(state, name)) throw new TypeError(`${op}: state has no ${name}`);
    const given: unknown = state[name];
    if (!(given instanceof Tensor)) throw new TypeError(`${op}: expected ${name} to be a tensor, got ${kindOf(given)}`);
    if (given.disposed) throw new DisposedError(`${op}: ${name} was freed`);
    const { shape, dtype, device, storage, offset } = given;
    if (!sameShape(shape, target.shape) || dtype !== 'float32') {
      const expected = `float32 ${formatShape(target.shape)}`;
      throw new ShapeError(`${op}: expected ${name} to be ${expected}, got ${dtype} ${formatShape(shape)}`);
    }
    if (device !== target.device) throw new TypeError(`${op}: ${name} is on another device than its parameter`);
    if (storage === target.storage && offset !== target.offset) {
      throw new TypeError(`${op}: ${name} is this optimizer's own tensor of another name`);
    }
  }
  const unknown = Object.keys(state).filter((name) => !targets.has(name));
  if (unknown.length > 0) throw new TypeError(`${op}: state has an unknown tensor ${unknown.join(', ')}`);
}
