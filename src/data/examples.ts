import type { Device } from '../runtime/device';
import { describeValue } from '../tensor/describe';
import { ITEM_BYTES, typedArray, type DType } from '../tensor/dtype';
import { formatShape, sameShape, ShapeError, sizeOf, type Shape } from '../tensor/shape';
import { Tensor } from '../tensor/tensor';
import { checkField, copyBytes, elementsOf, fieldsIn, filledShape, upload, wholeBatch, type Tensors } from './field';

/** Makes the tensors of a batch whose numbers are on the host. */
export type Make = () => Tensors;

/** How examples become a batch. */
export interface Assembly {
  readonly device: Device;
  readonly collate: ((examples: unknown[]) => unknown) | undefined;
  /** Whether an example is a batch already. */
  readonly whole: boolean;
}

/** What is to be done to make a batch of `examples`; a promise only where `collate` returns one. */
export function assemble(examples: unknown[], { collate, whole, device }: Assembly): Make | Promise<Make> {
  const wrap = (what: string) => (batch: unknown) => {
    const fields = fieldsIn(what, batch);
    return () => fields.map((field, k) => wholeBatch(field, k, device));
  };
  if (collate) {
    const batch = collate(examples);
    const made = wrap('what collate returns');
    return batch instanceof Promise ? batch.then(made) : made(batch);
  }
  if (whole) return wrap('an example')(examples[0]);
  return stacked(examples, device);
}

function stacked(examples: readonly unknown[], device: Device): Make {
  const rows = examples.map((example) => fieldsIn('an example', example));
  const [first] = rows;
  const other = rows.findIndex((fields) => fields.length !== first.length);
  if (other >= 0) {
    throw new TypeError(
      `loader: expected ${first.length} fields in each example of a batch, as in its first, ` +
        `got ${rows[other].length} in example ${other}`,
    );
  }
  const makers = first.map((field, k) => {
    const column = rows.map((fields) => fields[k]);
    return field instanceof Tensor ? stackedTensors(column, k, field, device) : stackedNumbers(column, k, device);
  });
  return () => makers.map((make) => make());
}

const differs = (k: number, expected: string, got: string, i: number): string =>
  `loader: expected field ${k} to be ${expected} in each example of a batch, as in its first, ` +
  `got ${got} in example ${i}`;

function stackedNumbers(column: readonly unknown[], k: number, device: Device): () => Tensor<DType> {
  let dtype: DType | undefined;
  let shape: Shape = [];
  let out = new Float32Array() as ReturnType<typeof typedArray>;
  column.forEach((field, i) => {
    if (field instanceof Tensor) throw new TypeError(differs(k, 'numbers', 'a tensor', i));
    const elements = elementsOf('loader', field, dtype);
    const its = filledShape(elements, k);
    if (dtype === undefined) {
      ({ dtype } = elements);
      shape = its;
      out = typedArray(dtype, new ArrayBuffer(ITEM_BYTES * column.length * sizeOf(shape)));
    }
    if (elements.dtype !== dtype) throw new TypeError(differs(k, dtype, elements.dtype, i));
    if (!sameShape(its, shape)) {
      const hint = '; a collate function of the loader can pad them';
      throw new ShapeError(differs(k, formatShape(shape), formatShape(its), i) + hint);
    }
    out.set(elements.values, i * elements.values.length);
  });
  return () => upload([column.length, ...shape], out, device);
}

function stackedTensors(
  column: readonly unknown[],
  k: number,
  first: Tensor<DType>,
  device: Device,
): () => Tensor<DType> {
  const { shape, dtype } = first;
  const tensors = column.map((field, i) => {
    if (!(field instanceof Tensor)) throw new TypeError(differs(k, 'a tensor', describeValue(field), i));
    if (field.dtype !== dtype) throw new TypeError(differs(k, dtype, field.dtype, i));
    if (!sameShape(field.shape, shape))
      throw new ShapeError(differs(k, formatShape(shape), formatShape(field.shape), i));
    checkField(field, k, device);
    return field;
  });
  return () => {
    const out = Tensor.empty([tensors.length, ...shape], dtype, device, 'loader');
    tensors.forEach((field, i) => {
      const bytes = ITEM_BYTES * field.size;
      copyBytes(field, 0, out, i * bytes, bytes);
      if (!field.kept) field.free('the loader freed it once it was in a batch; call keep() on it in the dataset');
    });
    return out;
  };
}
