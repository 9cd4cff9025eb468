import type { Device } from '../runtime/device';
import type { BufferPool } from '../runtime/memory/buffer-pool';
import type { Command } from '../runtime/stream/commands';
import { inScope, keep, refusePromise, STEP_ENDED } from '../tensor/scope';
import { Tensor } from '../tensor/tensor';
import { traced } from '../tensor/tracer';
import { ResultReader, type Result } from './results';
import { Session } from './session';

/** What one call of a function did, none of which was carried out. */
export interface Trace {
  readonly session: Session;
  /** What the function saw of its inputs. */
  readonly inputs: readonly Tensor[];
  readonly results: ResultReader;
  readonly result: Result;
}

/** Memory for what a function makes, and for copies of the gradients that it finds. */
export interface Pools {
  readonly pool: BufferPool;
  readonly copies: BufferPool;
}

function standIn(input: Tensor): Tensor {
  const { shape, dtype, device, requiresGrad, name } = input;
  const made = keep(Tensor.empty(shape, dtype, device, 'capture'));
  made.requiresGrad = requiresGrad;
  made.name = name;
  return made;
}

/**
 * Calls `fn` on memory of these pools; its commands go to `take`. Whatever it throws is thrown on, with everything as before the call.
 * The caller ends the trace by `session.rollBack()`.
 */
export function trace(
  device: Device,
  { pool, copies }: Pools,
  inputs: readonly Tensor[],
  fn: (...inputs: readonly Tensor[]) => unknown,
  take: (command: Command) => void,
): Trace {
  const seen = device.withPool(pool, () => inputs.map(standIn));
  const session = new Session('capture', device, new Map(seen.map((input, i) => [input, inputs[i]])), copies);
  const call = (): unknown =>
    inScope(() => {
      const value = fn(...seen);
      refusePromise('capture', value);
      return value;
    }, STEP_ENDED);
  try {
    let value: unknown;
    device.withPool(pool, () => {
      device.stream.record(take, () => {
        value = session.run(call);
      });
    });
    session.throwFailure();
    const numberOf = (tensor: Tensor): number | null => {
      const at = seen.indexOf(tensor);
      return at < 0 ? null : at;
    };
    const results = new ResultReader({
      made: session.made,
      inputOf: numberOf,
      leafOf: (gradient) => {
        for (const leaf of session.gradients.keys()) if (leaf.grad === gradient) return numberOf(leaf) ?? leaf;
        return null;
      },
    });
    return { session, inputs: seen, results, result: traced(null, () => results.read(value)) };
  } catch (error) {
    session.rollBack();
    for (const input of seen) input.dispose();
    throw error;
  }
}
