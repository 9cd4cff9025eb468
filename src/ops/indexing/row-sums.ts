import { elementKernel, launchElements } from '../../runtime/kernels/element-kernel';
import type { DType } from '../../tensor/dtype';
import { Tensor } from '../../tensor/tensor';

const SORT = elementKernel('sort_order', () => import('./shaders.lazy'));
const ROW_SUMS = elementKernel('row_sums', () => import('./shaders.lazy'));

/** Indices that the first pass of the sort orders by counting. */
const FIRST_RUN = 32;

/** The numbers 0 … n - 1 sorted by `keys` (as uint32); equal keys keep their order. */
function sortedOrder(op: string, keys: Tensor<DType>): Tensor<'uint32'> {
  const n = keys.size;
  const pass = (before: Tensor<'uint32'> | null, run: number): Tensor<'uint32'> => {
    const after = Tensor.empty([n], 'uint32', keys.device, op);
    const tensors = before ? [keys, before, after] : [keys, after];
    launchElements(keys.device, op, SORT, n, tensors, { n, run }, { FIRST: before ? 0 : 1 });
    before?.dispose();
    return after;
  };
  let order = pass(null, FIRST_RUN);
  for (let run = FIRST_RUN; run < n; run *= 2) order = pass(order, run);
  return order;
}

/**
 * Sums rows of `width` elements of `grad`, one for each index, into those rows of `out` that the indices name, in the order of the
 * indices; the others are 0. Indices out of range count for none.
 */
export function rowSums(op: string, indices: Tensor<DType>, grad: Tensor, width: number, out: Tensor): void {
  const { device } = grad;
  const rows = out.size / width;
  const count = indices.size;
  // About the square root of the count: a segment is then summed in few steps, however long it is.
  const chunk = Math.max(16, 2 ** Math.round(Math.log2(count) / 2));
  const chunks = Math.floor(count / chunk);

  const launch = (stage: string, n: number, tensors: readonly Tensor<DType>[]): void => {
    launchElements(device, op, ROW_SUMS, n, tensors, { n, rows, width, count, chunk }, { STAGE: stage });
  };
  const order = sortedOrder(op, indices);
  const starts = Tensor.empty([rows + 1], 'uint32', device, op);
  const sums = Tensor.empty([Math.max(chunks, 1), width], 'float32', device, op);
  launch('starts', rows + 1, [order, indices, starts]);
  if (chunks > 0) launch('chunks', chunks * width, [order, indices, grad, sums]);
  launch('rows', out.size, [order, starts, grad, sums, out]);
  for (const made of [order, starts, sums]) made.dispose();
}
