import { launchVectors, vectorKernel } from '../runtime/kernels/element-kernel';
import { keep } from '../tensor/scope';
import { afterHooks } from './gradient-hooks';
import { Tensor } from '../tensor/tensor';

const SUM = vectorKernel('sum_pair', () => import('./shaders.lazy'));

/** `a + b`, of equal shape, outside any graph. */
export function sum(a: Tensor, b: Tensor): Tensor {
  const out = Tensor.empty(a.shape, 'float32', a.device, 'backward');
  launchVectors(a.device, 'backward', SUM, a.size, [a, b, out], {});
  return out;
}

/** A tensor on the memory that an optimizer has set aside for the gradient of `leaf`. */
function slotOf(leaf: Tensor): Tensor | null {
  if (!leaf.gradSlot) return null;
  const { storage, offset, version } = leaf.gradSlot;
  const { device, shape } = leaf;
  return new Tensor({ device, shape, dtype: 'float32', storage: storage.retain(), offset, version });
}

/** Gathers the gradients of the leaves during one backward pass and adds them to `.grad` at its end. */
export class LeafGradients {
  readonly #sums = new Map<Tensor, Tensor>();
  readonly #placed = new Set<Tensor>();

  /** Memory in which a gradient rule can put the gradient of `leaf` for good; `null` where that is not possible. */
  place(leaf: Tensor): Tensor | null {
    if (leaf.node || leaf.gradState.live || this.#placed.has(leaf) || this.#sums.has(leaf)) return null;
    const slot = slotOf(leaf);
    if (slot) {
      slot.version.bump();
      this.#placed.add(leaf);
    }
    return slot;
  }

  add(leaf: Tensor, part: Tensor): void {
    const before = this.#sums.get(leaf);
    this.#sums.set(leaf, before ? sum(before, part) : part.alias());
    before?.dispose();
  }

  commit(): void {
    // All hooks before the first gradient is replaced: one may throw.
    for (const [leaf, gathered] of this.#sums) if (!leaf.node) this.#sums.set(leaf, afterHooks(leaf, gathered));
    for (const [leaf, gathered] of this.#sums) {
      const before = leaf.gradState.live;
      leaf.gradState.replace(keep(settle(leaf, before ? sum(before, gathered) : gathered)));
    }
  }
}

/** `total` in memory of its own: the optimizer's slot where there is one, else memory that no other tensor shares. */
function settle(leaf: Tensor, total: Tensor): Tensor {
  const slot = slotOf(leaf);
  if (slot) {
    if (total.storage !== slot.storage || total.offset !== slot.offset) slot.copyFrom(total);
    return slot;
  }
  if (total.storage.references === 1) return total;
  const own = Tensor.empty(total.shape, 'float32', total.device, 'backward');
  own.copyFrom(total);
  return own;
}
