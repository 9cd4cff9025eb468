import { preload } from '../runtime/preload';
import type { DType } from '../tensor/dtype';
import { inScope, STEP_ENDED } from '../tensor/scope';
import type { Tensor } from '../tensor/tensor';
import type { Recorder } from './recorder.lazy';

/** `Inputs` with tensors of any dtype in place of those of float32, the dtype that is meant where none is said. */
type AnyDType<Inputs extends readonly Tensor<DType>[]> = {
  [K in keyof Inputs]: Inputs[K] extends Tensor ? Tensor<DType> : Inputs[K];
};

/** A function of tensors whose GPU work is recorded once for each set of shapes and then run again. Made by `capture()`. */
export interface CapturedStep<Inputs extends readonly Tensor<DType>[], Result> {
  /** An input that `fn` calls a `Tensor`, and no more, may be of any dtype, such as labels. */
  (...inputs: AnyDType<Inputs>): Result;
  /** Recordings held: one for each set of shapes, and for each state of what the function depends on. */
  readonly recordings: number;
  /** Dispatches of one run of the latest recording. */
  readonly dispatches: number;
  /** Gives the recordings and their memory back. */
  dispose(): void;
}

/** Loaded while a device is opened. */
const recorders = preload(() => import('./recorder.lazy'));

/** Frees the recordings of steps that nobody holds any more. */
const forgotten = new FinalizationRegistry<Set<() => void>>((releases) => {
  for (const release of releases) release();
});

/**
 * Records what `fn` does on the GPU the first time it is called, and runs just that again at each later call: no shapes, no
 * tape and no allocation on the host, and the same numbers bit for bit. What changes from call to call is copied in (the
 * inputs) or worked out anew (learning rate, step count, random counters). Other shapes of inputs, other modes and settings of
 * modules, and gradients in another state lead to another recording, kept beside the first.
 *
 * `fn` is synchronous and takes tensors alone. What it computes may depend on its inputs and on tensors from outside, not on other
 * values that change: it is called again now and then (at runs 2, 10, 100, …) to make sure. It returns tensors (alone, in an array or
 * plain object), constants or nothing; a tensor that it made is overwritten by the next call and cannot be used any more then.
 *
 * A call throws `CaptureError` where a replay would not do what `fn` does, `TypeError` for an input that is no tensor or an async `fn`,
 * and what `fn` throws; it then has changed nothing.
 */
export function capture<Inputs extends readonly Tensor[], Result>(
  fn: (...inputs: Inputs) => Result,
): CapturedStep<Inputs, Result>;
export function capture<Inputs extends readonly Tensor<DType>[], Result>(
  fn: (...inputs: Inputs) => Result,
): CapturedStep<Inputs, Result>;
export function capture<Inputs extends readonly Tensor<DType>[], Result>(
  fn: (...inputs: Inputs) => Result,
): CapturedStep<Inputs, Result> {
  const releases = new Set<() => void>();
  let recorder: Recorder<readonly Tensor[], Result> | null = null;
  const run = fn as unknown as (...inputs: readonly Tensor[]) => Result;
  const step = (...inputs: readonly Tensor[]): Result => {
    const module = recorders();
    // Not yet there where this module was loaded after the device was opened: the same numbers, op by op.
    if (!module) return inScope(() => run(...inputs), STEP_ENDED);
    recorder ??= new module.Recorder(run, releases);
    return recorder.run(inputs);
  };
  forgotten.register(step, releases);
  return Object.defineProperties(step, {
    recordings: { get: () => recorder?.recordings.length ?? 0 },
    dispatches: { get: () => recorder?.recordings.at(0)?.graph.dispatches ?? 0 },
    dispose: {
      value: () => {
        recorder?.dispose();
      },
    },
  }) as unknown as CapturedStep<Inputs, Result>;
}
