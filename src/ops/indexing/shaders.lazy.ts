import check from '../../../shaders/lib/check.wgsl?raw';
import strided from '../../../shaders/lib/strided.wgsl?raw';
import embedding from '../../../shaders/indexing/embedding.wgsl?raw';
import gather from '../../../shaders/indexing/gather.wgsl?raw';
import rowSums from '../../../shaders/indexing/row_sums.wgsl?raw';
import sortOrder from '../../../shaders/indexing/sort_order.wgsl?raw';

/** The sources of this folder's kernels, by the kernel's name. */
export const shaders = {
  embedding: [check, embedding],
  gather: [check, strided, gather],
  row_sums: [rowSums],
  sort_order: [sortOrder],
};
