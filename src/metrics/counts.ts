import { kernel } from '../runtime/kernels/kernel';
import type { DType } from '../tensor/dtype';
import { zeros } from '../tensor/create/create';
import { elementKernel, launchElements } from '../runtime/kernels/element-kernel';
import { formatShape, sameShape, ShapeError, type Shape } from '../tensor/shape';
import { Tensor } from '../tensor/tensor';

const COUNT = elementKernel('count_classes', () => import('./shaders.lazy'));
const ACCURACY = kernel('accuracy', () => import('./shaders.lazy'));

/** More classes than a label can name: of bare predictions the number of classes is not known. */
const ANY_CLASS = 2 ** 31;

const isInteger = ({ dtype }: Tensor<DType>): boolean => dtype === 'int32' || dtype === 'uint32';
const describe = ({ dtype, shape }: Tensor<DType>): string => `${dtype} ${formatShape(shape)}`;

/** Throws unless `predicted` is logits `[N, C]` or classes `[N]`, and `labels` is `[N]`, all on one device. */
function checkInputs(op: string, predicted: Tensor<DType>, labels: Tensor<DType>): void {
  const dtypes = predicted.rank === 2 ? predicted.dtype === 'float32' : isInteger(predicted);
  const expected = `${op}: expected predicted to be float32 logits [N, C] or int32 or uint32 classes [N]`;
  if (predicted.rank !== 1 && predicted.rank !== 2) throw new ShapeError(`${expected}, got ${describe(predicted)}`);
  if (!dtypes) throw new TypeError(`${expected}, got ${describe(predicted)}`);
  checkIntegers(op, 'labels', labels, [predicted.shape[0]], predicted);
}

/** Throws unless `tensor`, the argument of this name, has integers of this shape on the device of `predicted`. */
function checkIntegers(
  op: string,
  argument: string,
  tensor: Tensor<DType>,
  shape: Shape,
  predicted: Tensor<DType>,
): void {
  const message = `${op}: expected ${argument} to be int32 or uint32 ${formatShape(shape)}, got ${describe(tensor)}`;
  if (!isInteger(tensor)) throw new TypeError(message);
  if (!sameShape(tensor.shape, shape)) throw new ShapeError(message);
  if (tensor.device !== predicted.device)
    throw new TypeError(`${op}: ${argument} and predicted are on different devices`);
}

function counter<D extends DType>(op: string, into: Tensor<D>, shape: Shape, predicted: Tensor<DType>): Tensor<D> {
  checkIntegers(op, 'into', into, shape, predicted);
  return into;
}

function count(
  op: string,
  kind: string,
  predicted: Tensor<DType>,
  labels: Tensor<DType>,
  classes: number,
  into: Tensor<DType>,
): void {
  const logits = predicted.rank === 2;
  const { checks } = predicted.device;
  const checked = kind === 'confusion';
  const signed = labels.dtype === 'int32' || predicted.dtype === 'int32';
  const check = checked ? checks.bound(op, 'labels and predictions', classes, signed) : 0;
  launchElements(
    predicted.device,
    op,
    COUNT,
    labels.size,
    checked ? [predicted, labels, into, checks] : [predicted, labels, into],
    { n: labels.size, columns: logits ? predicted.shape[1] : 1, classes, ...(checked ? { check } : {}) },
    { LOGITS: Number(logits), COUNT: kind, CHECKS: checked ? 4 : 0 },
  );
  into.version.bump();
}

const classesOf = (predicted: Tensor<DType>): number => (predicted.rank === 2 ? predicted.shape[1] : ANY_CLASS);

/**
 * The fraction of examples whose label was predicted, in [0, 1], as a float32 tensor `[]` that stays on the GPU. `predicted` is
 * float32 logits `[N, C]`, of which the first of the largest counts (NaN is the largest), or integer classes `[N]`;
 * `labels` is integer `[N]`. Labels outside [0, C) are ignored: they count neither as right nor as wrong, and where all are
 * ignored the fraction is 0.
 * Throws `ShapeError` when shapes do not fit, `TypeError` for other dtypes or devices.
 */
export function accuracy(predicted: Tensor<DType>, labels: Tensor<DType>): Tensor {
  const op = 'accuracy';
  checkInputs(op, predicted, labels);
  const { device } = predicted;
  const counts = zeros([2], { device, dtype: 'uint32' });
  count(op, 'accuracy', predicted, labels, classesOf(predicted), counts);
  const out = Tensor.empty([], 'float32', device, op);
  device.launch({ op, kernel: ACCURACY, views: [counts.view, out.view], workgroups: [1, 1, 1] });
  counts.dispose();
  return out;
}

/**
 * Adds the number of examples whose label was predicted to `into`, an integer tensor `[]` (default: a new int32 zero), and
 * returns it: hits add up over batches without a readback. `predicted` and `labels` as in `accuracy`; a label outside
 * [0, C) is never a hit.
 * Throws `ShapeError` when shapes do not fit, `TypeError` for other dtypes or devices.
 */
export function countCorrect<D extends DType = 'int32'>(
  predicted: Tensor<DType>,
  labels: Tensor<DType>,
  into?: Tensor<D>,
): Tensor<D>;
export function countCorrect(predicted: Tensor<DType>, labels: Tensor<DType>, into?: Tensor<DType>): Tensor<DType> {
  const op = 'countCorrect';
  checkInputs(op, predicted, labels);
  const out = into ? counter(op, into, [], predicted) : zeros([], { device: predicted.device, dtype: 'int32' });
  count(op, 'hits', predicted, labels, classesOf(predicted), out);
  return out;
}

/**
 * Adds each example to `into`, integer counts `[classes, classes]` (default: new int32 zeros) with a row for each label and
 * a column for each prediction, and returns it. `predicted` and `labels` as in `accuracy`; an example whose label or
 * prediction is outside [0, classes) makes the next readback throw `RangeError`.
 * Throws `ShapeError` when shapes do not fit or logits have another number of classes, `TypeError` for other dtypes or devices.
 */
export function confusionMatrix<D extends DType = 'int32'>(
  predicted: Tensor<DType>,
  labels: Tensor<DType>,
  classes: number,
  into?: Tensor<D>,
): Tensor<D>;
export function confusionMatrix(
  predicted: Tensor<DType>,
  labels: Tensor<DType>,
  classes: number,
  into?: Tensor<DType>,
): Tensor<DType> {
  const op = 'confusionMatrix';
  checkInputs(op, predicted, labels);
  if (predicted.rank === 2 && predicted.shape[1] !== classes) {
    throw new ShapeError(
      `${op}: expected logits [N, ${classes}] for ${classes} classes, got ${formatShape(predicted.shape)}`,
    );
  }
  const shape = [classes, classes];
  const out = into ? counter(op, into, shape, predicted) : zeros(shape, { device: predicted.device, dtype: 'int32' });
  count(op, 'confusion', predicted, labels, classes, out);
  return out;
}
