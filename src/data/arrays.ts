import type { Device } from '../runtime/device';
import { ITEM_BYTES, typedArray, type DType, type TypedArray } from '../tensor/dtype';
import { formatShape, ShapeError, sizeOf, type Shape } from '../tensor/shape';
import { Tensor } from '../tensor/tensor';
import { checkField, copyBytes, elementsOf, upload, type Elements, type Tensors } from './field';

/** One field of all examples. */
interface Rows {
  readonly values: Elements['values'] | Tensor<DType>;
  readonly dtype: DType;
  /** Shape of one example. */
  readonly shape: Shape;
  readonly count: number;
}

function rowsOf(field: unknown, k: number): Rows {
  const op = `dataset: field ${k}`;
  if (field instanceof Tensor) {
    const { dtype, shape, rank } = field;
    if (rank === 0) throw new ShapeError(`${op}: expected a first axis of examples, got []`);
    return { values: field, dtype, shape: shape.slice(1), count: shape[0] };
  }
  const { values, dtype, own, shape } = elementsOf(op, field);
  if (shape === undefined) {
    if (own.length === 0) throw new ShapeError(`${op}: expected a first axis of examples, got a number`);
    return { values, dtype, shape: own.slice(1), count: own[0] };
  }
  const each = sizeOf(shape);
  if (values.length % each !== 0) {
    throw new ShapeError(
      `${op}: expected a multiple of ${each} numbers for examples of shape ${formatShape(shape)}, got ${values.length}`,
    );
  }
  return { values, dtype, shape, count: values.length / each };
}

/** Rows of a field on the host as one typed array. */
function gatherRows(values: Elements['values'], dtype: DType, shape: Shape, rows: Uint32Array): TypedArray {
  const each = sizeOf(shape);
  const into = typedArray(dtype, new ArrayBuffer(ITEM_BYTES * each * rows.length));
  rows.forEach((row, i) => {
    into.set(values.subarray(row * each, (row + 1) * each), i * each);
  });
  return into;
}

/** Rows of a field on the GPU as a tensor of their own: a copy for each run of neighbours. */
function copyRows(source: Tensor<DType>, shape: Shape, rows: Uint32Array): Tensor<DType> {
  const out = Tensor.empty([rows.length, ...shape], source.dtype, source.device, 'loader');
  const bytes = ITEM_BYTES * sizeOf(shape);
  let run = 1;
  for (let at = 0; at < rows.length; at += run) {
    for (run = 1; at + run < rows.length && rows[at + run] === rows[at] + run; run++);
    copyBytes(source, rows[at] * bytes, out, at * bytes, run * bytes);
  }
  return out;
}

/** Any number of arrays and tensors whose first axis counts the examples. Made by `dataset()`. */
export class ArrayDataset<Batch extends Tensors = Tensors, Example = unknown> {
  /** Number of examples. */
  readonly count: number;
  readonly #fields: readonly Rows[];
  /** The rows of the fields that are the examples, where these are not all. */
  readonly #rows: Uint32Array | null;

  /** Users call `dataset()` and `subset()`. @internal */
  constructor(fields: readonly Rows[], rows: Uint32Array | null) {
    this.#fields = fields;
    this.#rows = rows;
    this.count = rows ? rows.length : fields[0].count;
  }

  #rowsOf(indices: Uint32Array): Uint32Array {
    const rows = this.#rows;
    return rows ? indices.map((index) => rows[index]) : indices;
  }

  /** Shape and dtype of each field of an example. @internal */
  get layout(): readonly Pick<Rows, 'shape' | 'dtype'>[] {
    return this.#fields;
  }

  /** The numbers of an example, one array for each field. Throws `TypeError` for a field that is a tensor. */
  example(index: number): Example {
    const rows = this.#rowsOf(Uint32Array.of(index));
    return this.#fields.map(({ values, dtype, shape }, k) => {
      if (!(values instanceof Tensor)) return gatherRows(values, dtype, shape, rows);
      throw new TypeError(
        `dataset: expected numbers on the host in field ${k}, got a tensor, which cannot be read at once`,
      );
    }) as Example;
  }

  /** Gathers examples on the host; what it returns makes the tensors. @internal */
  prepare(indices: Uint32Array, device: Device): () => Batch {
    const rows = this.#rowsOf(indices);
    const makers = this.#fields.map(({ values, dtype, shape }, k) => {
      if (values instanceof Tensor) {
        checkField(values, k, device);
        return () => copyRows(values, shape, rows);
      }
      const gathered = gatherRows(values, dtype, shape, rows);
      return () => upload([rows.length, ...shape], gathered, device);
    });
    return () => makers.map((make) => make()) as unknown as Batch;
  }

  /** These examples, on the same memory. @internal */
  select(indices: Uint32Array): ArrayDataset<Batch, Example> {
    return new ArrayDataset(this.#fields, this.#rowsOf(indices));
  }
}

/** Throws as `dataset()` does. */
export function arrayDataset(fields: readonly unknown[]): ArrayDataset {
  const rows = fields.map(rowsOf);
  const { count } = rows[0];
  const other = rows.findIndex((field) => field.count !== count);
  if (other >= 0) {
    throw new RangeError(
      `dataset: expected as many examples in field ${other} as in field 0, ${count}, got ${rows[other].count}`,
    );
  }
  if (count === 0) throw new RangeError('dataset: expected at least 1 example, got 0');
  return new ArrayDataset(rows, null);
}
