import { DeviceLostError, GpuError } from '../device/errors';
import type { Tensor } from '../tensor/tensor';
import { tracer } from '../tensor/tracer';
import { fusedSteps, separateSteps, type Step } from './fusion';
import { Module } from './module';

/** One module after the other, named 0, 1, 2, …. Throws `TypeError` for a layer that is not a module. */
export class Sequential extends Module {
  readonly layers: readonly Module[];
  /** Whether neighbouring layers of the library may share kernels, with the same results; false runs each on its own. */
  fuse = true;

  constructor(...layers: readonly Module[]) {
    super();
    layers.forEach((layer: unknown, i) => {
      if (!(layer instanceof Module)) throw new TypeError(`sequential: layer ${i} is not a Module`);
    });
    this.layers = layers;
  }

  /**
   * Each result between two layers is freed once the next layer has read it (the tape holds what it needs): a layer that
   * stores its input or output for later marks it with `keep()`. The message of a layer's error begins with its number and class.
   */
  override forward(x: Tensor): Tensor {
    if (tracer) {
      tracer.read(this);
      tracer.read(this.layers, ['length', ...Object.keys(this.layers)]);
      for (const layer of this.layers) tracer.read(layer);
    }
    let current = x;
    for (const step of this.fuse ? fusedSteps(this.layers) : separateSteps(this.layers)) {
      const next = this.#run(step, current);
      if (current !== next && current !== x && !current.kept && !current.retainsGrad) current.dispose();
      current = next;
    }
    return current;
  }

  /** Runs a step; its error says which layers it is from. Errors of the GPU are not theirs. */
  #run({ first, length, run }: Step, x: Tensor): Tensor {
    try {
      return run(x);
    } catch (error) {
      if (error instanceof Error && !(error instanceof GpuError || error instanceof DeviceLostError)) {
        const classes = this.layers.slice(first, first + length).map((layer) => layer.constructor.name);
        const numbers = length === 1 ? `layer ${first}` : `layers ${first} to ${first + length - 1}`;
        error.message = `sequential: ${numbers} (${classes.join(', ')}): ${error.message}`;
      }
      throw error;
    }
  }

  override namedChildren(): [string, Module][] {
    return this.layers.map((layer, i) => [String(i), layer]);
  }
}

/** One layer after the other; parameters are named `0.weight`, `0.bias`, `1.weight`, …. Throws `TypeError` for what is not a module. */
export const sequential = (...layers: Module[]): Sequential => new Sequential(...layers);
