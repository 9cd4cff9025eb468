import { checkOptions } from '../device/options';
import { fromHost, type HostData } from '../tensor/create/host-data';
import { checkShape, formatShape, sizeOf, type Shape } from '../tensor/shape';

/** What `dataset()` takes. */
export interface DatasetInit {
  /**
   * All inputs in a row. Bytes (`Uint8Array`, `Uint8ClampedArray`) are divided by 255 on the GPU; everything else
   * becomes float32 by the rule of `tensor()`.
   */
  inputs: HostData;
  /** Shape of one input, without the batch axis, such as `[1, 28, 28]`. */
  shape: Shape;
  /**
   * One label per input: class indices (integers from 0), or real-valued targets (`Float32Array`, `Float64Array`, or a
   * plain array with a number in it that is not an integer).
   */
  labels: HostData;
  /** The network is given (input - mean) / std, of bytes (input / 255 - mean) / std; defaults 0 and 1. */
  mean?: number;
  std?: number;
  /** Number of classes: labels are checked against it at once. Without it they are when a model's outputs are known. */
  classes?: number;
}

/** What holds labels on the host, by their dtype in a batch. */
interface Labels {
  float32: Float32Array;
  int32: Uint8Array | Int32Array;
}

/** Inputs with a label each, on the host; the labels of a batch are of dtype `L`. */
export interface Dataset<L extends keyof Labels = keyof Labels> {
  readonly inputs: Uint8Array | Float32Array;
  readonly shape: Shape;
  /** Class indices, or (`Float32Array`) real-valued targets. */
  readonly labels: Labels[L];
  readonly mean: number;
  readonly std: number;
  /** Number of inputs. */
  readonly count: number;
}

function inputsOf(data: HostData): Dataset['inputs'] {
  if (data instanceof Uint8Array) return data;
  if (data instanceof Uint8ClampedArray) return new Uint8Array(data.buffer, data.byteOffset, data.length);
  return fromHost('dataset: inputs', data, 'float32').values as Float32Array;
}

function labelsOf(data: HostData): Dataset['labels'] {
  if (data instanceof Uint8Array) return data;
  const op = 'dataset: labels';
  const real =
    data instanceof Float32Array || data instanceof Float64Array || !fromHost(op, data).values.every(Number.isInteger);
  return fromHost(op, data, real ? 'float32' : 'int32').values as Int32Array | Float32Array;
}

/**
 * Throws `TypeError` for real-valued targets and `RangeError` for the first label that is not in [0, classes), naming
 * it and its index. `limit` says in words where the number of classes comes from.
 */
export function checkLabels(op: string, labels: Dataset['labels'], classes: number, limit: string): void {
  if (labels instanceof Float32Array) {
    throw new TypeError(`${op}: expected class indices as labels, got real-valued targets (a Float32Array)`);
  }
  const bad = labels.findIndex((label) => label < 0 || label >= classes);
  if (bad >= 0) {
    throw new RangeError(
      `${op}: label ${labels[bad]} at index ${bad} is out of range: ${limit}, expected labels from 0 to ${classes - 1}`,
    );
  }
}

/** The dataset of `dataset({ inputs, shape, labels })`, which says what is thrown. */
export function labelledDataset(init: DatasetInit): Dataset {
  checkOptions('dataset', init, 'inputs shape labels mean std classes');
  const { shape, mean = 0, std = 1, classes } = init;
  checkShape('dataset', shape);
  const inputs = inputsOf(init.inputs);
  const labels = labelsOf(init.labels);
  const each = sizeOf(shape);
  if (labels.length === 0) throw new RangeError('dataset: expected at least 1 label, got 0');
  if (inputs.length !== labels.length * each) {
    throw new RangeError(
      `dataset: expected ${labels.length * each} input values for ${labels.length} labels and inputs of shape ` +
        `${formatShape(shape)}, got ${inputs.length}`,
    );
  }
  if (!(std > 0 && std < Infinity)) throw new RangeError(`dataset: expected a finite std > 0, got ${String(std)}`);
  if (!Number.isFinite(mean)) throw new RangeError(`dataset: expected a finite mean, got ${String(mean)}`);
  if (classes !== undefined && !(Number.isSafeInteger(classes) && classes >= 1)) {
    throw new RangeError(`dataset: expected classes to be an integer >= 1, got ${String(classes)}`);
  }
  if (classes !== undefined) checkLabels('dataset', labels, classes, `there are ${classes} classes`);
  else if (labels instanceof Int32Array) checkLabels('dataset', labels, 2 ** 31, 'a label is a class index');
  return { inputs, shape, labels, mean, std, count: labels.length };
}

/** The inputs with these numbers, as a copy. */
export function labelledRows(source: Dataset, indices: Uint32Array): Dataset {
  const { shape, mean, std, inputs, labels } = source;
  const each = sizeOf(shape);
  const size = each * indices.length;
  const picked = inputs instanceof Uint8Array ? new Uint8Array(size) : new Float32Array(size);
  const kind = labels.constructor as new (length: number) => Dataset['labels'];
  const theirs = new kind(indices.length);
  indices.forEach((index, row) => {
    picked.set(inputs.subarray(index * each, (index + 1) * each), row * each);
    theirs[row] = labels[index];
  });
  return { shape, mean, std, inputs: picked, labels: theirs, count: indices.length };
}

/** The inputs `start` to `end` (excluded), on the same memory. */
export function labelledRange(source: Dataset, start: number, end: number): Dataset {
  const each = sizeOf(source.shape);
  const { shape, mean, std } = source;
  return labelledDataset({
    shape,
    mean,
    std,
    inputs: source.inputs.subarray(start * each, end * each),
    labels: source.labels.subarray(start, end),
  });
}
