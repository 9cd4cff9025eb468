import { noGrad } from '../autograd/mode';
import type { Batch, Tensors } from '../data';
import { crossEntropy, type Module } from '../nn';
import type { DType } from '../tensor/dtype';
import { describeValue } from '../tensor/describe';
import { formatShape, ShapeError } from '../tensor/shape';
import { Tensor } from '../tensor/tensor';

/** The tensors of a batch after the first. */
export type Targets<B extends Tensors> = B extends readonly [Tensor<DType>, ...infer Rest extends Tensor<DType>[]]
  ? Rest
  : Tensor[];

/** All tensors of a batch. */
export type Whole<B extends Tensors> = B extends readonly [...infer All extends Tensor[]] ? All : Tensor[];

/** A module that computes anything from a tensor. */
export type OneInput = Module<[x: Tensor], unknown>;

/**
 * What a batch's loss, or another mean over its examples, is computed from: what the model made of the first tensor,
 * and the rest.
 */
export type Measure<M extends OneInput, B extends Tensors> = (
  output: ReturnType<M['forward']>,
  ...targets: Targets<B>
) => Tensor;

/** A loss of one's own. */
export interface LossObjective<M extends OneInput, B extends Tensors, Names extends string> {
  /** The mean loss `[]` of a batch, of `model.forward(first tensor)` and its other tensors. */
  loss: Measure<M, B>;
  /** Further means `[]`, by name. They have no gradient. */
  metrics?: Readonly<Record<Names, Measure<M, B>>>;
}

/** What a `step` returns: the loss, or the loss and further means, by name. */
export type StepResult = Tensor | ({ readonly loss: Tensor } & Readonly<Record<string, Tensor>>);

/** A loss of one's own for a model with several inputs or outputs. */
export interface StepObjective<B extends Tensors, R extends StepResult> {
  /** The mean loss `[]` of a batch, given all of its tensors, alone or with further means by name. */
  step: (...batch: Whole<B>) => R;
}

/** The names of the further means that a `step` returns. */
export type NamesIn<R extends StepResult> = R extends Tensor ? never : Exclude<keyof R & string, 'loss'>;

/** What is computed of a batch: scalars. */
export interface Outcome {
  readonly loss: Tensor;
  readonly metrics: Readonly<Record<string, Tensor>>;
  /** Of a classifier: logits `[N, C]` and labels `[N]`. */
  readonly hits: readonly [logits: Tensor, labels: Tensor<DType>] | null;
}

export interface Objective {
  /** The model, when its outputs are logits and the loss is cross-entropy. */
  readonly classifier: Module | null;
  run(batch: Tensors): Outcome;
}

/** The options of all objectives. */
export interface AnyObjective {
  loss?: ((...args: never[]) => unknown) | undefined;
  metrics?: Readonly<Record<string, (...args: never[]) => unknown>> | undefined;
  step?: ((...batch: never[]) => unknown) | undefined;
}

type Anything = (...args: readonly unknown[]) => unknown;

/** Throws `TypeError` unless `value` is a function. */
function checkFunction(op: string, name: string, value: unknown): asserts value is Anything {
  if (typeof value !== 'function')
    throw new TypeError(`${op}: expected ${name} to be a function, got ${describeValue(value)}`);
}

/** Throws `TypeError` unless `value` is a float32 tensor, `ShapeError` unless it has one element. */
function scalar(op: string, name: string, value: unknown): Tensor {
  const tensor = value instanceof Tensor ? value : null;
  if (tensor?.dtype !== 'float32') {
    const got = tensor ? `one of ${tensor.dtype}` : describeValue(value);
    throw new TypeError(`${op}: expected ${name} to be a float32 tensor, got ${got}`);
  }
  if (tensor.size === 1) return tensor as Tensor;
  throw new ShapeError(
    `${op}: expected ${name} to be one number [], the mean over a batch, got ${formatShape(tensor.shape)}`,
  );
}

/** What `options` train by: a `loss`, a `step`, or, without either, cross-entropy. Throws `TypeError` for both. */
export function objectiveOf(op: string, model: Module, options: AnyObjective): Objective {
  const { loss, metrics = {}, step } = options;
  if (step !== undefined) {
    if (loss !== undefined || options.metrics !== undefined)
      throw new TypeError(
        `${op}: expected step alone, which returns the loss and metrics, got it with loss or metrics`,
      );
    checkFunction(op, 'step', step);
    return { classifier: null, run: (batch) => stepOutcome(op, step(...batch)) };
  }
  if (loss === undefined) {
    if (options.metrics !== undefined) throw new TypeError(`${op}: expected metrics with a loss, got them without`);
    return { classifier: model, run: (batch) => classify(model, batch as unknown as Batch) };
  }
  checkFunction(op, 'loss', loss);
  const measures = Object.entries(metrics);
  for (const [name, metric] of measures) checkFunction(op, `metric '${name}'`, metric);
  return {
    classifier: null,
    run: ([inputs, ...targets]) => {
      const output = model.forward(inputs as Tensor);
      const means = noGrad(() => measures.map(([name, of]) => [name, (of as Anything)(output, ...targets)]));
      return stepOutcome(op, { loss: loss(output, ...targets), ...Object.fromEntries(means) });
    },
  };
}

function stepOutcome(op: string, result: unknown): Outcome {
  const { loss, ...means } = (result instanceof Tensor ? { loss: result } : (result ?? {})) as Record<string, unknown>;
  const metrics = Object.entries(means).map(([name, value]) => [name, scalar(op, `metric '${name}'`, value)] as const);
  return { loss: scalar(op, 'the loss', loss), metrics: Object.fromEntries(metrics), hits: null };
}

function classify(model: Module, [inputs, labels]: Batch): Outcome {
  const logits = model.forward(inputs);
  return { loss: crossEntropy(logits, labels), metrics: {}, hits: [logits, labels] };
}
