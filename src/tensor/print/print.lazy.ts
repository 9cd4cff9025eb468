import type { TypedArray } from '../dtype';
import { formatTensor } from './format.lazy';
import { describeTensor, type PrintedLayer, type PrintedTensor, type Printing } from './printing';
import type { Version } from '../memory/version';

/** Elements that are remembered at most. */
const SMALL = 64;

interface LastRead {
  readonly values: TypedArray;
  readonly version: Version;
  /** Writes before it was read. */
  readonly writes: number;
}

const lastReads = new WeakMap<object, LastRead>();

async function read<A extends TypedArray>(tensor: PrintedTensor, data: Promise<A>): Promise<A> {
  const { version } = tensor;
  const writes = version.count;
  const values = await data;
  if (values.length <= SMALL) lastReads.set(tensor, { values: values.slice(), version, writes });
  return values;
}

/** The elements too, where they were read since they were written last. */
function printTensor(tensor: PrintedTensor): string {
  const { shape, dtype, device, version, requiresGrad, disposed } = tensor;
  const { description, architecture, vendor, kind } = device.info;
  const flags = [...(requiresGrad ? ['requiresGrad'] : []), ...(disposed ? ['freed'] : [])];
  const head = describeTensor(tensor, description || architecture || vendor || kind, ...flags);
  const last = lastReads.get(tensor);
  const known = last && !disposed && last.version === version && last.writes === version.count;
  return known ? `${head}\n${formatTensor(last.values, shape, dtype)}` : head;
}

const grouped = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ',');
const sizeOfAll = (tensors: readonly PrintedTensor[]): number => tensors.reduce((sum, { size }) => sum + size, 0);

/** A table of a model's layers and their numbers of parameters, in short what Keras prints. */
function printModule(title: string, layers: readonly PrintedLayer[]): string {
  const rows = layers
    .filter(({ inner, own }) => !inner || own.length > 0)
    .map(({ name, layer, own }) => [name, layer, grouped(sizeOfAll(own))]);
  const widths = [0, 1, 2].map((column) => Math.max(0, ...rows.map((row) => row[column].length)));
  const all = [...new Set(layers.flatMap(({ own }) => own))];
  const total = sizeOfAll(all);
  const trained = sizeOfAll(all.filter(({ requiresGrad }) => requiresGrad));
  const parts = trained < total ? ` (${grouped(trained)} trained, ${grouped(total - trained)} frozen)` : '';
  return [
    title,
    ...rows.map(
      ([name, layer, count]) => `  ${name.padEnd(widths[0])}  ${layer.padEnd(widths[1])}  ${count.padStart(widths[2])}`,
    ),
    `${grouped(total)} parameters${parts}`,
  ].join('\n');
}

export const PRINTING: Printing = { read, tensor: printTensor, module: printModule };
