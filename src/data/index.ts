export { ArrayDataset } from './arrays';
export {
  dataset,
  subset,
  type AnyDataset,
  type Examples,
  type FunctionDataset,
  type IndexedDataset,
  type StreamDataset,
} from './dataset';
export type { BatchOf, Field, FieldInit, Fields, Tensors } from './field';
export { parseIdx, type IdxArray, type IdxOptions } from './idx';
export type { IdxData } from './idx-types';
export type { Dataset, DatasetInit } from './labelled';
export { loader, Loader } from './loader';
export type { AnyLoaderOptions, Batch, BatchesOptions, CollateOptions, LoaderOptions } from './loader-options';
export { shuffledOrder } from './shuffle';
