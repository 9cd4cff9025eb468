import type { BufferPool } from '../runtime/memory/buffer-pool';
import { copyCommand, type BufferView, type CopyCommand } from '../runtime/stream/commands';
import { CaptureError } from '../tensor/errors';
import { keep } from '../tensor/scope';
import { formatShape } from '../tensor/shape';
import { Tensor } from '../tensor/tensor';
import type { GradAccess } from '../tensor/tracer';
import type { Version } from '../tensor/memory/version';

/** A gradient as a run leaves it: none, the one before the run, a tensor made elsewhere, or memory that the run writes. */
export type GradAfter =
  | { readonly kind: 'none' | 'same' }
  | { readonly kind: 'outside'; readonly tensor: Tensor }
  | { readonly kind: 'made'; readonly tensor: Tensor; readonly view: BufferView };

const samePlace = (tensor: Tensor, { storage, offset }: BufferView): boolean =>
  !tensor.disposed && !tensor.overwritten && tensor.storage === storage && tensor.offset === offset;

/** The gradient of one leaf while a function is traced: what the function depends on, and what it leaves behind. */
export class GradientState {
  readonly #before: Tensor | null;
  readonly #used: boolean;
  /** Stands for the gradient from before, so that a run that is given up leaves that one as it was. */
  #standIn: Tensor | null = null;
  /** Its place: the function may dispose it. */
  #view: BufferView | null = null;
  #inSlot = false;
  #replaced = false;
  /** What was asked for while the gradient was still the one from before. */
  #live: boolean | null = null;
  #read = false;

  /** `inside` is the leaf that the function sees, `outside` the one whose gradient it is: another for an input. */
  constructor(
    readonly inside: Tensor,
    readonly outside: Tensor,
    /** Where copies come from: memory that no command has used before. */
    private readonly copies: BufferPool,
  ) {
    if (outside !== inside && outside.node) {
      throw new CaptureError(
        `capture: backward() inside reached an input of shape ${formatShape(outside.shape)} that ${outside.node.name} made outside, ` +
          'where it cannot go on: capture that part too, pass detach(), or call backward() on what the captured step returns',
      );
    }
    this.#before = outside.grad;
    this.#used = outside.gradState.used;
    if (outside !== inside && this.#before) {
      inside.grad = this.#before;
      if (this.#used) inside.gradState.use();
    }
  }

  /** Returns the tensor that stands for the gradient from before, where it has just been made. */
  access(access: GradAccess): Tensor | null {
    if (this.#replaced) return null;
    const { inside } = this;
    const before = this.#before;
    if (access === 'replace') {
      this.#replaced = true;
      // What stood there is disposed when the run is certain.
      if (!this.#standIn) inside.grad = null;
      return null;
    }
    const live = before !== null && !this.#used;
    if (access === 'live') this.#live = live;
    else this.#read = true;
    if (!before || this.#standIn || !(live || access === 'read')) return null;
    const slot = inside.gradSlot;
    // Throws for one that was freed.
    const { storage, offset } = before.view;
    const { device, dtype, shape } = before;
    this.#inSlot = slot !== null && storage === slot.storage && offset === slot.offset;
    if (slot && this.#inSlot)
      this.#standIn = new Tensor({
        device,
        dtype,
        shape,
        version: slot.version,
        storage: slot.storage.retain(),
        offset: slot.offset,
      });
    else this.#standIn = device.withPool(this.copies, () => Tensor.empty(shape, dtype, device, 'capture'));
    keep(this.#standIn);
    this.#view = this.#standIn.view;
    this.#view.storage.retain();
    const flagged = inside.gradState.used;
    inside.grad = this.#standIn;
    if (flagged) inside.gradState.use();
    return this.#standIn;
  }

  /** The memory that the gradient from before is copied to in front of a run; `null` where it is there already. */
  get copiedTo(): BufferView | null {
    return this.#inSlot ? null : this.#view;
  }

  /** Counts the writes to that memory. */
  get copyVersion(): Version | null {
    return this.#inSlot ? null : (this.#standIn?.version ?? null);
  }

  /** Whether the gradient tensor that the function sees is the one from before. */
  get same(): boolean {
    const { grad } = this.inside;
    // None where there was none can be a decision, which a later run has to repeat.
    return !this.#replaced || (grad !== null && grad === (this.#standIn ?? this.#before));
  }

  /** Where the function expects the gradient from before: where an optimizer has put it. */
  get at(): BufferView | null {
    return this.#inSlot ? this.#view : null;
  }

  get dependence(): Pick<GradientGuard, 'live' | 'read'> {
    const exact = this.#before === null ? 'none' : this.#used ? 'used' : 'live';
    return { live: this.#live, read: this.#read ? exact : null };
  }

  /** Puts everything back. */
  rollBack(): void {
    const { inside } = this;
    this.#view?.storage.release();
    this.#view = null;
    inside.grad = inside === this.outside ? this.#before : null;
    if (this.#used && inside.grad) inside.gradState.use();
  }

  /** What the run leaves: to be asked before `rollBack()`. `isMade` tells what the function made. */
  after(isMade: (tensor: Tensor) => boolean): { grad: GradAfter; used: boolean } {
    const { inside } = this;
    const used = inside.gradState.used;
    const { grad } = inside;
    if (this.same) return { grad: { kind: 'same' }, used: used && !this.#used };
    if (!grad) return { grad: { kind: 'none' }, used };
    if (!isMade(grad)) return { grad: { kind: 'outside', tensor: grad }, used };
    return { grad: { kind: 'made', tensor: grad, view: grad.view }, used };
  }
}

/** What a recording expects of the gradient of a leaf before a run. */
export interface GradientGuard {
  /** The leaf, or the number of the input. */
  readonly leaf: Tensor | number;
  /** Whether there is one that counts; `null` where it makes no difference. */
  readonly live: boolean | null;
  /** What there is; `null` where it makes no difference. */
  readonly read: 'none' | 'used' | 'live' | null;
  /** Where the commands expect it, in memory that only they use. */
  readonly copiedTo: BufferView | null;
  /** Where the commands expect it: where an optimizer has put it. */
  readonly at: BufferView | null;
  /** Whether the commands change it in place, where they have a copy. */
  readonly copiedBack: boolean;
  readonly after: GradAfter;
  /** Whether it is used up after a run. */
  readonly usedAfter: boolean;
}

/** Whether the gradient of `leaf` is as it was when the recording was made, as far as that matters. */
export function gradientFits({ live, read, at }: GradientGuard, leaf: Tensor): boolean {
  if (live === null && read === null) return true;
  const liveGrad = leaf.gradState.live;
  if (live !== null && (liveGrad !== null) !== live) return false;
  if (read !== null && (leaf.grad === null ? 'none' : liveGrad ? 'live' : 'used') !== read) return false;
  const { grad } = leaf;
  if (grad === null) return true;
  return at ? samePlace(grad, at) : !grad.disposed && !grad.overwritten;
}

/** The copies in front of and behind a run. */
export function gradientCopy({ copiedTo, copiedBack }: GradientGuard, { grad }: Tensor): [CopyCommand?, CopyCommand?] {
  if (!copiedTo || !grad) return [];
  return [copyCommand(grad.view, copiedTo), copiedBack ? copyCommand(copiedTo, grad.view) : undefined];
}

/** Gives `leaf` the gradient that it has after a run. */
export function setGradient({ leaf: known, after, usedAfter }: GradientGuard, leaf: Tensor): void {
  if (after.kind === 'none') leaf.gradState.replace(null);
  else if (after.kind === 'outside') leaf.grad = after.tensor;
  else if (after.kind === 'made') {
    const { view, tensor } = after;
    const { grad } = leaf;
    const { device, dtype, shape, version } = tensor;
    if (typeof known === 'number') {
      // The next call may be for another input, whose gradient is another one.
      const own = keep(Tensor.empty(shape, dtype, device, 'capture'));
      device.stream.push(copyCommand(view, own.view));
      leaf.gradState.replace(own);
    } else if (!grad || !samePlace(grad, view)) {
      const { storage, offset } = view;
      leaf.gradState.replace(keep(new Tensor({ device, dtype, shape, version, storage: storage.retain(), offset })));
    } else if (leaf.gradState.used && !usedAfter) leaf.grad = grad;
  }
  if (usedAfter) leaf.gradState.use();
}
