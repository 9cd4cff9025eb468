import type { Device } from '../runtime/device';
import type { BufferView } from '../runtime/stream/command-stream';
import type { Tensor } from '../tensor/tensor';
import { allocate, ArenaSlot, moveToArenas, layoutOf, sliceOf, type Layout } from './arena';

/** One number kept for each element of the parameters. */
interface Moment {
  readonly arenas: readonly Tensor[];
  /** The part of each parameter. */
  readonly slices: readonly Tensor[];
}

/** The arenas of an optimizer: gradients and moments, with those of one parameter at the same offset in each. */
export class OptimizerMemory {
  readonly #device: Device;
  readonly #params: readonly Tensor[];
  readonly #layout: Layout;
  readonly #gradients: readonly Tensor[];
  readonly #moments = new Map<string, Moment>();

  /** Moves parameters and gradients into arenas. */
  constructor(device: Device, params: readonly Tensor[]) {
    this.#device = device;
    this.#params = params;
    this.#layout = layoutOf(device, params);
    this.#gradients = moveToArenas(device, params, this.#layout);
  }

  /** Allocates the moments of these names, zeroed, where they are missing. Not done in a step, which may be captured. */
  reserve(names: readonly string[]): void {
    for (const name of names) this.#moment(name);
  }

  #moment(name: string): Moment {
    let moment = this.#moments.get(name);
    if (!moment) {
      const arenas = allocate(this.#device, this.#layout);
      const slices = this.#params.map((param, i) => {
        const { arena, offset } = this.#layout.slices[i];
        return sliceOf(param, arenas[arena].storage, offset);
      });
      moment = { arenas, slices };
      this.#moments.set(name, moment);
    }
    return moment;
  }

  /** A moment of parameter `i`, as a tensor that this memory owns. */
  slice(name: string, i: number): Tensor {
    return this.#moment(name).slices[i];
  }

  /** Whether the moments of parameter `i + 1` follow those of parameter `i` in the same arena. */
  followed(i: number): boolean {
    return this.#layout.slices[i].arena === this.#layout.slices[i + 1].arena;
  }

  /** `size` bytes of a moment from parameter `i` on. */
  view(name: string, i: number, size: number): BufferView {
    const { arena, offset } = this.#layout.slices[i];
    return { storage: this.#moment(name).arenas[arena].storage, offset, size };
  }

  /** Frees moments and gradients, but not the gradients of parameters that another optimizer has moved since. */
  dispose(): void {
    for (const param of this.#params) {
      const slot = param.gradSlot;
      if (!(slot instanceof ArenaSlot) || !this.#gradients.includes(slot.arena)) continue;
      param.gradState.replace(null);
      param.gradSlot = null;
    }
    // Captured steps put gradients where they were.
    this.#device.recordingVersion++;
    const moments = [...this.#moments.values()].flatMap(({ arenas, slices }) => [...arenas, ...slices]);
    for (const tensor of [...this.#gradients, ...moments]) tensor.dispose();
  }
}
