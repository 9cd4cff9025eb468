import { DeviceLostError, GpuError } from '../device/errors';
import { Tensor } from '../tensor/tensor';
import { tracer } from '../tensor/tracer';
import { fusedSteps, separateSteps, type Step } from './fusion';
import { AnyModule, type Module } from './module';

type OutputOf<M extends AnyModule> = ReturnType<M['forward']>;

/** The layers, each of which takes what the one before it returns; one that does not has a type that it is not. */
type Chain<Layers extends readonly AnyModule[]> = Layers extends readonly [
  infer First extends AnyModule,
  infer Second extends AnyModule,
  ...infer Rest extends readonly AnyModule[],
]
  ? [
      First,
      ...(Second['forward'] extends (x: OutputOf<First>) => unknown
        ? Chain<[Second, ...Rest]>
        : [Module<[OutputOf<First>], unknown>, ...Rest]),
    ]
  : Layers;

/** What `sequential(...layers)` is: it takes what the first layer takes and returns what the last one returns. */
export type SequentialOf<Layers extends readonly AnyModule[]> = Layers extends readonly [
  infer First extends AnyModule,
  ...unknown[],
]
  ? Layers extends readonly [...unknown[], infer Last extends AnyModule]
    ? Sequential<Parameters<First['forward']>, OutputOf<Last>>
    : Sequential
  : Sequential;

/** Runs a step; its error says which of `layers` it is from. Errors of the GPU are not theirs. */
function runStep(
  { first, length, run }: Step,
  layers: readonly Module[],
  inputs: readonly [x: Tensor, ...rest: Tensor[]],
): Tensor {
  try {
    return run(...inputs);
  } catch (error) {
    if (error instanceof Error && !(error instanceof GpuError || error instanceof DeviceLostError)) {
      const classes = layers.slice(first, first + length).map((layer) => layer.constructor.name);
      const numbers = length === 1 ? `layer ${first}` : `layers ${first} to ${first + length - 1}`;
      error.message = `sequential: ${numbers} (${classes.join(', ')}): ${error.message}`;
    }
    throw error;
  }
}

/**
 * One module after the other, named 0, 1, 2, …. The first takes all inputs, each further one what the one before it returned. Throws
 * `TypeError` for a layer that is not a module.
 */
export class Sequential<Inputs extends readonly unknown[] = [x: Tensor], Output = Tensor> extends AnyModule {
  readonly layers: readonly Module[];
  /** Whether neighbouring layers of the library may share kernels, with the same results; false runs each on its own. */
  fuse = true;

  constructor(...layers: readonly AnyModule[]) {
    super();
    layers.forEach((layer: unknown, i) => {
      if (!(layer instanceof AnyModule)) throw new TypeError(`sequential: layer ${i} is not a Module`);
    });
    this.layers = layers as readonly Module[];
  }

  /**
   * Each result between two layers is freed once the next layer has read it (the tape holds what it needs): a layer that
   * stores its input or output for later marks it with `keep()`. The message of a layer's error begins with its number and class.
   */
  override forward(...inputs: Inputs): Output {
    if (tracer) {
      tracer.read(this);
      tracer.read(this.layers, ['length', ...Object.keys(this.layers)]);
      for (const layer of this.layers) tracer.read(layer);
    }
    // The types of layers say what is passed from one to the next.
    let current = inputs as readonly unknown[] as [x: Tensor, ...rest: Tensor[]];
    for (const step of this.fuse ? fusedSteps(this.layers) : separateSteps(this.layers)) {
      const [x] = current;
      const next: unknown = runStep(step, this.layers, current);
      const between = x !== next && !(inputs as readonly unknown[]).includes(x);
      if (between && next instanceof Tensor && (x as unknown) instanceof Tensor && !x.kept && !x.retainsGrad)
        x.free(
          'nn.sequential() freed it once the next layer had read it; call keep() on it in the layer that stores it',
        );
      current = [next as Tensor];
    }
    return current[0] as Output;
  }

  override namedChildren(): [string, Module][] {
    return this.layers.map((layer, i) => [String(i), layer]);
  }
}

/**
 * One layer after the other; parameters are named `0.weight`, `0.bias`, `1.weight`, …. The first layer takes all inputs, each further one
 * what the one before it returned. Throws `TypeError` for what is not a module.
 */
export const sequential = <const Layers extends readonly AnyModule[]>(
  ...layers: Layers & Chain<NoInfer<Layers>>
): SequentialOf<Layers> => new Sequential(...layers) as SequentialOf<Layers>;
