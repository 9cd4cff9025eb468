import { withinRule } from '../autograd/anomaly/anomaly';
import { defaultDevice, type Device } from '../runtime/device';
import { CaptureError } from '../tensor/errors';
import { Tensor } from '../tensor/tensor';
import type { Params } from '../wgsl/params';
import { Comparison } from './comparison';
import { record } from './record';
import type { Recording } from './recording';
import { Session } from './session';
import { trace } from './trace';

/** Recordings that a captured step holds at most. */
const MOST_RECORDINGS = 16;

const kindOf = (value: unknown): string => {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `${typeof value === 'undefined' ? '' : 'a '}${typeof value}`;
};

/** The device of `inputs`. Throws `TypeError` for one that is no tensor or on another device, `DisposedError` for a freed one. */
function deviceOf(inputs: readonly unknown[]): Device {
  const [first] = inputs;
  const device = first instanceof Tensor ? first.device : defaultDevice();
  inputs.forEach((input, i) => {
    if (!(input instanceof Tensor)) {
      throw new TypeError(
        `capture: expected tensors as inputs, got ${kindOf(input)} for input ${i}: a number that changes comes in as tensor([x]), ` +
          'several tensors as several inputs; what stays the same can be used from outside',
      );
    }
    if (input.device !== device) throw new TypeError(`capture: input ${i} is on another device than input 0`);
    if (input.gradHooks?.isEmpty() === false)
      throw new CaptureError(
        `capture: input ${i} has a hook on its gradient, which would not be called; capture without it`,
      );
    // Throws.
    if (input.disposed || input.overwritten) input.detach();
  });
  return device;
}

/** Records a function's GPU work and runs it again. */
export class Recorder<Inputs extends readonly Tensor[], Result> {
  readonly #fn: (...inputs: readonly Tensor[]) => unknown;
  /** The latest used one first. */
  readonly recordings: Recording[];
  /** What gives the memory of the recordings back. */
  readonly #releases: Set<() => void>;
  #warned = false;

  constructor(fn: (...inputs: Inputs) => Result, releases: Set<() => void>) {
    this.#fn = fn as unknown as (...inputs: readonly Tensor[]) => unknown;
    this.recordings = [];
    this.#releases = releases;
  }

  run(inputs: Inputs): Result {
    const device = deviceOf(inputs);
    // There is nothing to record.
    if (device.stream.rehearsing) return this.#fn(...inputs) as Result;
    if (device.stream.recording) throw new CaptureError('capture: a captured step cannot be called inside another');
    let recording = this.#find(device, inputs);
    let params: readonly Params[];
    if (recording) {
      params = recording.checkedNext ? this.#check(recording, device, inputs) : recording.graph.refresh();
    } else {
      recording = record(device, inputs, this.#fn);
      params = recording.graph.recordedParams();
      this.#add(recording);
    }
    const result = recording.run(inputs, params);
    device.endStep('captured');
    return result as Result;
  }

  /** The recording that fits, now the first one; those that will never fit again are dropped. */
  #find(device: Device, inputs: Inputs): Recording | null {
    const { recordings } = this;
    for (let i = 0; i < recordings.length; i++) {
      const recording = recordings[i];
      if (recording.outdated) {
        this.#drop(recording);
        i--;
      } else if (recording.fits(device, inputs)) {
        if (i > 0) {
          recordings.splice(i, 1);
          recordings.unshift(recording);
        }
        return recording;
      }
    }
    return null;
  }

  #add(recording: Recording): void {
    this.recordings.unshift(recording);
    this.#releases.add(recording.release);
    const last = this.recordings.at(MOST_RECORDINGS);
    if (!last) return;
    this.#drop(last);
    if (this.#warned) return;
    this.#warned = true;
    console.warn(
      `wgrad: a captured step was recorded for more than ${MOST_RECORDINGS} combinations of shapes, modes and settings; the ones used ` +
        'longest ago are dropped and recorded again when they come back. Pad inputs to a few shapes',
    );
  }

  #drop(recording: Recording): void {
    this.recordings.splice(this.recordings.indexOf(recording), 1);
    this.#releases.delete(recording.release);
    recording.dispose();
  }

  /** Calls the function, drops what it does, and throws `CaptureError` where that is not what was recorded. */
  #check(recording: Recording, device: Device, inputs: Inputs): readonly Params[] {
    const [pool, copies] = [device.pool.forkDry(), device.pool.forkDry()];
    const comparison = new Comparison(recording.commands, [pool, copies]);
    const {
      session,
      inputs: seen,
      result,
    } = withinRule(() =>
      trace(device, { pool, copies }, inputs, this.#fn, (command) => {
        comparison.take(command);
      }),
    );
    try {
      comparison.end(recording.result, result);
    } finally {
      session.rollBack();
      for (const input of seen) input.dispose();
    }
    const refreshing = new Session('capture', device);
    try {
      const params = refreshing.run(() => recording.graph.refresh());
      comparison.checkChanging(params);
      return params;
    } catch (error) {
      refreshing.rollBack();
      throw error;
    }
  }

  dispose(): void {
    for (const recording of [...this.recordings]) this.#drop(recording);
  }
}
