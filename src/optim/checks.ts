import type { Device } from '../runtime/device';
import { DisposedError } from '../tensor/errors';
import { keep } from '../tensor/scope';
import { formatShape, sameShape, ShapeError } from '../tensor/shape';
import { Tensor } from '../tensor/tensor';
import { describeValue } from '../tensor/describe';
import type { AnyModule } from '../nn/module';

/** Throws `RangeError` unless `value` is a finite number of at least `low` (and below `below`). */
export function checkNumber(op: string, name: string, value: number, low: number, below = Infinity): void {
  if (Number.isFinite(value) && value >= low && value < below) return;
  const atLeast = low === -Infinity ? 'a finite number' : `a finite number >= ${low}`;
  const expected = below === Infinity ? atLeast : `a number in [${low}, ${below})`;
  throw new RangeError(`${op}: expected ${name} to be ${expected}, got ${value}`);
}

/** What an optimizer trains: parameters, or all those of a module. */
export type ParameterSource = Iterable<Tensor> | AnyModule;

/** The parameters that `source` stands for. Throws `TypeError` for what is neither a module nor iterable. */
export function parametersOf(op: string, source: ParameterSource): Tensor[] {
  const given: unknown = source;
  if (typeof given !== 'object' || given === null || !('parameters' in source || Symbol.iterator in source)) {
    throw new TypeError(`${op}: expected a module or an iterable of parameters, got ${describeValue(given)}`);
  }
  return 'parameters' in source ? source.parameters() : [...source];
}

/** A parameter's number and name, for messages. */
const labelOf = ({ name }: Pick<Tensor, 'name'>, i: number): string => `parameter ${i}${name && ` '${name}'`}`;

/** The device of `params`. Throws `RangeError` when there are none and `TypeError` for one that cannot be optimized. */
export function checkParams(op: string, params: readonly Tensor[]): Device {
  if (params.length === 0) throw new RangeError(`${op}: no parameters were given`);
  const seen = new Map<string, number>();
  params.forEach((param: unknown, i) => {
    if (!(param instanceof Tensor)) throw new TypeError(`${op}: parameter ${i} is not a tensor`);
    const refuse = (why: string): never => {
      throw new TypeError(`${op}: ${labelOf(param, i)} ${why}`);
    };
    const what = formatShape(param.shape);
    if (param.dtype !== 'float32') refuse(`${what} is ${param.dtype}, expected float32`);
    if (param.node) refuse(`${what} was computed from other tensors, expected a leaf`);
    if (param.device !== params[0].device) refuse(`${what} is on another device than parameter 0`);
    const place = `${param.storage.id}:${param.offset}`;
    const before = seen.get(place);
    if (before !== undefined) refuse(`${what} is the same tensor or memory as parameter ${before}`);
    seen.set(place, i);
  });
  return params[0].device;
}

/**
 * The gradient of parameter `i`, `null` for one without or with requiresGrad false. Throws `ShapeError` when it does not fit, and
 * `DisposedError` when the parameter was freed.
 */
export function gradientOf(op: string, param: Tensor, i: number): Tensor | null {
  if (param.disposed) {
    throw new DisposedError(
      `${op}: ${labelOf(param, i)} ${formatShape(param.shape)} was freed, as by dispose() of its module`,
    );
  }
  if (!param.requiresGrad) return null;
  const grad = param.gradState.live;
  if (!grad) return null;
  if (!sameShape(grad.shape, param.shape) || (grad.dtype as string) !== 'float32') {
    throw new ShapeError(
      `${op}: ${labelOf(param, i)} is float32 ${formatShape(param.shape)}, its gradient ${grad.dtype} ${formatShape(grad.shape)}`,
    );
  }
  if (grad.storage !== param.storage) return grad;
  // A buffer cannot be read and written by one dispatch under two bindings.
  const copy = keep(Tensor.empty(param.shape, 'float32', param.device, op));
  copy.copyFrom(grad);
  param.grad = copy;
  return copy;
}
