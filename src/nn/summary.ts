import type { Tensor } from '../tensor/tensor';
import { sizeOfAll } from './tree';

/** What is printed of a module. */
interface Layer {
  readonly name: string;
  readonly layer: string;
  /** Its parameters, without those of modules below it. */
  readonly own: readonly Tensor[];
  /** Whether there are modules below it. */
  readonly inner: boolean;
}

const grouped = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ',');

/** A table of a model's layers and their numbers of parameters, in short what Keras prints. */
export function formatSummary(title: string, layers: readonly Layer[]): string {
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
