import type { Tensor } from '../tensor/tensor';
import { fusedSteps, type Step } from './fusion';
import { Module } from './module';

const separate =
  (layer: Module): Step =>
  (x) =>
    layer.forward(x);

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
   * stores its input or output for later marks it with `keep()`.
   */
  override forward(x: Tensor): Tensor {
    let current = x;
    for (const step of this.fuse ? fusedSteps(this.layers) : this.layers.map(separate)) {
      const next = step(current);
      if (current !== next && current !== x && !current.kept && !current.retainsGrad) current.dispose();
      current = next;
    }
    return current;
  }

  override namedChildren(): [string, Module][] {
    return this.layers.map((layer, i) => [String(i), layer]);
  }
}

/** One layer after the other; parameters are named `0.weight`, `0.bias`, `1.weight`, …. Throws `TypeError` for what is not a module. */
export const sequential = (...layers: Module[]): Sequential => new Sequential(...layers);
