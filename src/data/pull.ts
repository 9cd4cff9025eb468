import { describeValue } from '../tensor/describe';
import type { Examples, StreamDataset } from './dataset';
import type { Make } from './examples';
import type { Tensors } from './field';

/** Where a loop's batches come from: first their numbers on the host, then their tensors. */
export interface Puller {
  /** Starts the next batch; null when there are no more. */
  next(): Make | null | Promise<Make | null>;
  /** Told when the loop ends. */
  end?(): unknown;
}

/** The batches of `order`, `size` examples each. */
export function indexedPuller(
  order: Uint32Array,
  size: number,
  batches: number,
  prepare: (indices: Uint32Array) => Make | Promise<Make>,
): Puller {
  let batch = 0;
  return {
    next() {
      if (batch === batches) return null;
      const at = batch++ * size;
      return prepare(order.subarray(at, at + size));
    },
  };
}

async function iteratorOf<E>(started: Examples<E> | Promise<Examples<E>>): Promise<Iterator<E> | AsyncIterator<E>> {
  const examples: unknown = await started;
  if (typeof examples === 'object' && examples !== null) {
    if (Symbol.asyncIterator in examples) return (examples as AsyncIterable<E>)[Symbol.asyncIterator]();
    if (Symbol.iterator in examples) return (examples as Iterable<E>)[Symbol.iterator]();
  }
  throw new TypeError(
    `loader: expected the dataset's function to return examples to loop over, got ${describeValue(examples)}`,
  );
}

/** The batches of a stream, `size` examples each; `partly`: with a last one that is not full. */
export function streamPuller(
  { examples }: StreamDataset<unknown>,
  epoch: number,
  size: number,
  partly: boolean,
  assembled: (examples: unknown[]) => Make | Promise<Make>,
): Puller {
  let iterator: Iterator<unknown> | AsyncIterator<unknown> | null = null;
  let ended = false;
  return {
    async next() {
      if (ended) return null;
      iterator ??= await iteratorOf(examples(epoch));
      const batch: unknown[] = [];
      while (batch.length < size) {
        const { done, value } = (await iterator.next()) as IteratorResult<unknown, unknown>;
        ended = Boolean(done);
        if (ended) break;
        batch.push(await value);
      }
      return batch.length === size || (partly && batch.length > 0) ? assembled(batch) : null;
    },
    end: () => iterator?.return?.(),
  };
}

/** The next batch; what fails is thrown where it is awaited. */
export function started(puller: Puller): Promise<Make | null> {
  const next = (async () => puller.next())();
  next.catch(() => undefined);
  return next;
}

/** Ends a loop whose next batch nobody asks for any more, nor for what becomes of it. */
export async function drop(next: Promise<Make | null>, puller: Puller): Promise<void> {
  try {
    const make = await next;
    if (make) free(make());
    await puller.end?.();
  } catch {
    // Nobody asked for it.
  }
}

const FREED = 'the loader freed it when the next batch was asked for; call keep() on it inside the loop';

/** Gives the memory of a batch back, but for tensors marked with `keep()`. */
export function free(batch: Tensors): void {
  for (const tensor of batch) if (!tensor.kept) tensor.free(FREED);
}
