import type { Device } from '../runtime/device';
import { align } from '../runtime/memory/align';
import { largestBinding } from '../runtime/memory/buffer-pool';
import type { Storage } from '../runtime/memory/storage';
import type { BufferView } from '../runtime/stream/command-stream';
import { zeros } from '../tensor/create/create';
import { ITEM_BYTES } from '../tensor/dtype';
import { keep } from '../tensor/scope';
import type { GradSlot } from '../tensor/gradient';
import { Tensor } from '../tensor/tensor';
import { Version } from '../tensor/memory/version';

/** The arena that a parameter, its gradient or a moment is in (by number), and the byte where it begins. */
export interface Slice {
  readonly arena: number;
  readonly offset: number;
}

export interface Layout {
  readonly slices: readonly Slice[];
  /** Bytes of each arena. */
  readonly arenas: readonly number[];
}

/** Places slices of `sizes` bytes one after the other; where `limit` bytes would be exceeded, a new arena begins. */
function layOut(sizes: readonly number[], limit: number): Layout {
  const slices: Slice[] = [];
  const arenas: number[] = [];
  for (const bytes of sizes) {
    const end = align(arenas.at(-1) ?? 0);
    if (arenas.length === 0 || end + bytes > limit) {
      slices.push({ arena: arenas.length, offset: 0 });
      arenas.push(bytes);
    } else {
      slices.push({ arena: arenas.length - 1, offset: end });
      arenas[arenas.length - 1] = end + bytes;
    }
  }
  return { slices, arenas };
}

/** The layout of a slice for each of `params` in arenas that the device can bind. */
export function layoutOf(device: Device, params: readonly Tensor[]): Layout {
  return layOut(
    params.map((param) => param.size * ITEM_BYTES),
    largestBinding(device.limits),
  );
}

/** One zeroed buffer for each arena; zeros between the slices stay zeros. */
export function allocate(device: Device, { arenas }: Layout): Tensor[] {
  return arenas.map((bytes) => keep(zeros([bytes / ITEM_BYTES], { device })));
}

/** A tensor of the shape of `param` on memory in an arena, which no scope frees. */
export function sliceOf(param: Tensor, storage: Storage, offset: number, version?: Version): Tensor {
  const { device, shape, dtype } = param;
  return keep(new Tensor({ device, shape, dtype, storage: storage.retain(), offset, version }));
}

/** The part of an arena that a gradient is written to. It holds the arena, which lives as long as a parameter points at it. */
export class ArenaSlot implements GradSlot {
  readonly version = new Version();

  constructor(
    readonly arena: Tensor,
    readonly offset: number,
  ) {}

  get storage(): Storage {
    return this.arena.storage;
  }
}

/** Moves the parameters into new arenas, and their gradients, present and future, into others, which are returned. */
export function moveToArenas(device: Device, params: readonly Tensor[], layout: Layout): Tensor[] {
  const values = allocate(device, layout);
  const gradients = allocate(device, layout);
  params.forEach((param, i) => {
    const { arena, offset } = layout.slices[i];
    const before = keep(param.alias());
    param.rebind(values[arena].storage, offset);
    param.copyFrom(before);
    before.dispose();
    param.gradSlot = new ArenaSlot(gradients[arena], offset);
    if (param.grad) {
      const { storage, version } = param.gradSlot;
      const moved = sliceOf(param, storage, offset, version);
      moved.copyFrom(param.grad);
      const used = param.gradState.used;
      param.gradState.replace(moved);
      if (used) param.gradState.use();
    }
  });
  // The parameters hold their arenas now.
  for (const tensor of values) tensor.dispose();
  return gradients;
}

/** Whether `b` is the slice after `a` in one buffer, so that both can be bound as one. The padding in between is unused. */
export function adjoins(a: BufferView, b: BufferView): boolean {
  return a.storage === b.storage && align(a.offset + a.size) === b.offset;
}

/** The memory from the beginning of `a` to the end of `b`. */
export function enclosing(a: BufferView, b: BufferView): BufferView {
  return { storage: a.storage, offset: a.offset, size: b.offset + b.size - a.offset };
}
