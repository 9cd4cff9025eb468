import type { Tensor } from '../tensor/tensor';
import { ReLU } from './layers/activation';
import { BatchNorm1d, BatchNorm2d } from './layers/batchnorm';
import { Conv2d } from './layers/conv2d';
import { Dropout } from './layers/dropout';
import { Linear } from './layers/linear';
import { MaxPool2d } from './layers/pool2d';
import type { AnyModule, Module } from './module';

type Run = (x: Tensor, ...rest: Tensor[]) => Tensor;

/** Computes `length` neighbouring layers, of which `first` is the first one's number. */
export interface Step {
  readonly first: number;
  readonly length: number;
  readonly run: Run;
}

type Class = abstract new (...args: never[]) => AnyModule;
type Layers<C extends readonly Class[]> = { [K in keyof C]: InstanceType<C[K]> };

/** Neighbouring layers that one kernel can compute. */
interface Pattern {
  readonly length: number;
  /** What computes `layers`, `null` where they do not match. */
  readonly match: (layers: readonly Module[]) => Run | null;
}

const forwardOf = (layer: Module): unknown => Reflect.get(layer, 'forward');

/**
 * The pattern of exactly these classes: a subclass, or a layer or class whose `forward` was replaced, does not match. The result is
 * that of the separate layers, bit for bit, and the generator of random numbers advances as far as with them.
 */
function pattern<const C extends readonly Class[]>(
  classes: C,
  forward: (x: Tensor, ...layers: Layers<C>) => Tensor,
): Pattern {
  const originals = classes.map(({ prototype }) => forwardOf(prototype as Module));
  return {
    length: classes.length,
    match: (layers) => {
      const fits = layers.every((layer, i) => layer.constructor === classes[i] && forwardOf(layer) === originals[i]);
      return fits ? (x) => forward(x, ...(layers as unknown as Layers<C>)) : null;
    },
  };
}

const rate = ({ p, training }: Dropout): number => (training ? p : 0);

/** Earlier patterns have precedence: a ReLU between a convolution and a BatchNorm is fused with the BatchNorm. */
const PATTERNS: readonly Pattern[] = [
  pattern([ReLU, BatchNorm2d, Dropout], (x, _, norm, drop) =>
    norm.forwardFused(x, { relu: true, dropout: rate(drop) }),
  ),
  pattern([ReLU, BatchNorm1d, Dropout], (x, _, norm, drop) =>
    norm.forwardFused(x, { relu: true, dropout: rate(drop) }),
  ),
  pattern([ReLU, BatchNorm2d], (x, _, norm) => norm.forwardFused(x, { relu: true })),
  pattern([ReLU, BatchNorm1d], (x, _, norm) => norm.forwardFused(x, { relu: true })),
  pattern([BatchNorm2d, Dropout], (x, norm, drop) => norm.forwardFused(x, { dropout: rate(drop) })),
  pattern([BatchNorm1d, Dropout], (x, norm, drop) => norm.forwardFused(x, { dropout: rate(drop) })),
  pattern([MaxPool2d, Dropout], (x, pool, drop) => pool.forwardFused(x, { dropout: rate(drop) })),
  pattern([Conv2d, ReLU], (x, conv) => conv.forwardFused(x, { activation: 'relu' })),
  pattern([Linear, ReLU], (x, dense) => dense.forwardFused(x, { activation: 'relu' })),
];

/** Each layer by itself. */
export const separateSteps = (layers: readonly Module[]): Step[] =>
  layers.map((layer, first) => ({ first, length: 1, run: (...inputs) => layer.forward(...inputs) }));

/** The steps that compute `layers` in order, with as few kernels as the patterns allow. */
export function fusedSteps(layers: readonly Module[]): Step[] {
  const steps: (Step | null)[] = separateSteps(layers);
  const taken = layers.map(() => false);
  for (const { length, match } of PATTERNS) {
    for (let first = 0; first + length <= layers.length; first++) {
      if (taken.slice(first, first + length).includes(true)) continue;
      const run = match(layers.slice(first, first + length));
      if (!run) continue;
      steps.fill(null, first, first + length);
      steps[first] = { first, length, run };
      taken.fill(true, first, first + length);
    }
  }
  return steps.filter((step) => step !== null);
}
