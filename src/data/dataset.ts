import { checkShape, formatShape, sizeOf, type Shape } from '../tensor/shape';

export interface DatasetInit {
  /** All inputs in a row; bytes are normalised on the GPU, floats are taken as they are. */
  inputs: Uint8Array | Float32Array;
  /** Shape of one input, without the batch axis, such as `[1, 28, 28]`. */
  shape: Shape;
  /** One class index an input. */
  labels: Uint8Array | Int32Array;
  /** For bytes: the input is (byte / 255 - mean) / std; defaults 0 and 1. */
  mean?: number;
  std?: number;
}

/** Inputs with a label each, on the host. */
export interface Dataset {
  readonly inputs: Uint8Array | Float32Array;
  readonly shape: Shape;
  readonly labels: Uint8Array | Int32Array;
  readonly mean: number;
  readonly std: number;
  /** Number of inputs. */
  readonly count: number;
}

/**
 * Checks and wraps host data. Throws `ShapeError` for a shape without elements, and `RangeError` when inputs and labels differ
 * in number, or there are none.
 */
export function dataset({ inputs, shape, labels, mean = 0, std = 1 }: DatasetInit): Dataset {
  checkShape('dataset', shape);
  const each = sizeOf(shape);
  if (labels.length === 0) throw new RangeError('dataset: there are no labels');
  if (inputs.length !== labels.length * each) {
    throw new RangeError(
      `dataset: ${labels.length} labels want ${labels.length} inputs of shape ${formatShape(shape)} = ${labels.length * each} values, got ${inputs.length}`,
    );
  }
  if (!(std > 0 && std < Infinity)) throw new RangeError(`dataset: std must be a number larger than 0, got ${std}`);
  if (!Number.isFinite(mean)) throw new RangeError(`dataset: mean must be a number, got ${mean}`);
  return { inputs, shape, labels, mean, std, count: labels.length };
}

/** The inputs number `start` to `end` (excluded) of a dataset, on the same memory. Throws `RangeError` when there are none. */
export function subset(whole: Dataset, start: number, end: number): Dataset {
  const each = sizeOf(whole.shape);
  return dataset({
    ...whole,
    inputs: whole.inputs.subarray(start * each, end * each),
    labels: whole.labels.subarray(start, end),
  });
}
