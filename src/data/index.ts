export { dataset, subset, type Dataset, type DatasetInit } from './dataset';
export { parseIdx, type IdxArray } from './idx';
export { loader, Loader, shuffledOrder, type LoaderOptions } from './loader';
