export { dataset, subset, type Dataset, type DatasetInit } from './dataset';
export { parseIdx, type IdxArray, type IdxOptions } from './idx';
export type { IdxData } from './idx-types';
export { loader, Loader, shuffledOrder, type Batch, type LoaderOptions } from './loader';
