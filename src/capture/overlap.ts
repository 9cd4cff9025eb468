import type { BufferView } from '../runtime/stream/commands';
import { CaptureError } from '../tensor/errors';
import type { Tensor } from '../tensor/tensor';

const overlap = (a: BufferView, b: BufferView): boolean =>
  a.storage === b.storage && a.offset < b.offset + b.size && b.offset < a.offset + a.size;

/**
 * Whether an input shares memory with one of `exclusive` or, where they have to be `distinct`, with another input: the function
 * gets copies of its inputs, which such a program could tell from the inputs themselves.
 */
export function overlaps(inputs: readonly Tensor[], exclusive: readonly BufferView[], distinct: boolean): boolean {
  if (exclusive.length === 0 && !distinct) return false;
  for (let i = 0; i < inputs.length; i++) {
    const { storage } = inputs[i];
    for (const other of exclusive) if (other.storage === storage && overlap(inputs[i].view, other)) return true;
    if (!distinct) continue;
    for (let j = 0; j < i; j++)
      if (inputs[j].storage === storage && overlap(inputs[i].view, inputs[j].view)) return true;
  }
  return false;
}

/** Throws where `overlaps()`. */
export function checkOverlaps(inputs: readonly Tensor[], exclusive: readonly BufferView[], distinct: boolean): void {
  if (!overlaps(inputs, exclusive, distinct)) return;
  throw new CaptureError(
    'capture: an input is also used from outside the function, or passed twice, where it is written to or has a gradient: ' +
      'pass such a tensor once, or use it from outside alone',
  );
}
