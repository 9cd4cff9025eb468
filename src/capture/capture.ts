import { defaultDevice, type Device } from '../runtime/device';
import { RecordedGraph } from '../runtime/stream/recorded-graph';
import type { BufferPool } from '../runtime/memory/buffer-pool';
import type { Storage } from '../runtime/memory/storage';
import type { Command } from '../runtime/stream/commands';
import { keep, tidy } from '../tensor/scope';
import { formatShape } from '../tensor/shape';
import { Tensor } from '../tensor/tensor';
import { writesOf, type Version } from '../tensor/version';
import { listenToCommits } from '../autograd/accumulate';

/** A tensor, several in an array or plain object, or nothing. */
type Captured = unknown;

/** One recording of the function, for inputs of certain shapes. */
interface Recording {
  readonly graph: RecordedGraph;
  readonly pool: BufferPool;
  readonly inputs: readonly Tensor[];
  readonly result: Captured;
  /** What a run writes to. */
  readonly written: ReadonlySet<Version>;
  readonly recordingVersion: number;
}

/** `value` with each tensor in it replaced. */
function mapTensors(value: Captured, change: (tensor: Tensor) => Tensor): Captured {
  if (value instanceof Tensor) return change(value);
  if (Array.isArray(value)) return value.map((item) => mapTensors(item, change));
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapTensors(item, change)]));
}

/** The memory that a recording does not own but needs: parameters, optimizer state, running statistics. */
function storagesOf(commands: readonly Command[]): Set<Storage> {
  const all = commands.flatMap((command) =>
    command.kind === 'dispatch' ? command.views.map(({ storage }) => storage) : [],
  );
  return new Set(all.filter((storage) => storage.references > 0));
}

/** Throws when a later run would add to a gradient that this one left, or the other way round: a replay could not. */
function checkGradients(seen: ReadonlyMap<Tensor, boolean>): void {
  for (const [leaf, addedFirst] of seen) {
    const addsNext = leaf.grad !== null && !leaf.gradUsed;
    if (addsNext === addedFirst) continue;
    throw new Error(
      `capture: the gradient of a leaf of shape ${formatShape(leaf.shape)} was ${addedFirst ? 'added to an earlier one' : 'the first'} ` +
        `in this run but would ${addsNext ? 'be added to it' : 'start anew'} in the next; call zeroGrad() or an optimizer's step() inside`,
    );
  }
}

/** A function of tensors whose GPU work is recorded once for each set of shapes and then run again. Made by `capture()`. */
export interface CapturedStep<Inputs extends readonly Tensor[], Result> {
  (...inputs: Inputs): Result;
  /** How many sets of shapes are recorded. */
  readonly recordings: number;
  /** Dispatches of one run of the latest recording. */
  readonly dispatches: number;
  /** Gives the recordings and their memory back. */
  dispose(): void;
}

class Recorder<Inputs extends readonly Tensor[], Result> {
  readonly #fn: (...inputs: Inputs) => Result;
  readonly #recordings = new Map<string, Recording>();
  latest: Recording | null = null;

  constructor(fn: (...inputs: Inputs) => Result) {
    this.#fn = fn;
  }

  get size(): number {
    return this.#recordings.size;
  }

  run(inputs: Inputs): Result {
    const device = inputs.at(0)?.device ?? defaultDevice();
    // There is nothing to record.
    if (device.stream.rehearsing) return this.#fn(...inputs);
    const key = inputs.map(({ dtype, shape }) => `${dtype}${formatShape(shape)}`).join();
    let recording = this.#recordings.get(key);
    if (recording && recording.recordingVersion !== device.recordingVersion) {
      // An optimizer has moved parameters since, and the recorded commands write to where they were; or other kernels were chosen.
      this.#drop(device, recording);
      recording = undefined;
    }
    if (recording) {
      recording.inputs.forEach((own, i) => {
        own.copyFrom(inputs[i]);
      });
      device.replay(recording.graph);
      for (const version of recording.written) version.bump();
    } else {
      recording = this.#record(device, inputs);
      this.#recordings.set(key, recording);
    }
    this.latest = recording;
    device.endStep('captured');
    return mapTensors(recording.result, (tensor) => tensor.alias()) as Result;
  }

  #record(device: Device, inputs: Inputs): Recording {
    const pool = device.pool.fork();
    const seen = new Map<Tensor, boolean>();
    let own: Tensor[] = [];
    let result: Captured;
    let commands: Command[] = [];
    let written = new Set<Version>();
    device.withPool(pool, () => {
      own = inputs.map((input) => keep(Tensor.empty(input.shape, input.dtype, device, 'capture')));
      own.forEach((tensor, i) => {
        tensor.copyFrom(inputs[i]);
      });
      commands = device.stream.record(() => {
        written = writesOf(() => {
          listenToCommits(
            (leaf, added) => {
              if (!seen.has(leaf)) seen.set(leaf, added);
            },
            () => {
              result = tidy(() => this.#fn(...(own as unknown as Inputs)));
            },
          );
        });
      });
    });
    checkGradients(seen);
    const kept = mapTensors(result, (tensor) => {
      const held = keep(tensor.alias());
      written.add(held.version);
      tensor.dispose();
      return held;
    });
    const storages = storagesOf(commands);
    for (const storage of storages) storage.retain();
    const graph = new RecordedGraph(device.gpu.device, commands, storages);
    return { graph, pool, inputs: own, result: kept, written, recordingVersion: device.recordingVersion };
  }

  #drop(device: Device, { graph, pool, inputs, result }: Recording): void {
    device.stream.afterSubmit(() => {
      for (const input of inputs) input.dispose();
      mapTensors(result, (tensor) => {
        tensor.dispose();
        return tensor;
      });
      graph.dispose();
      pool.close();
    });
  }

  dispose(): void {
    for (const recording of this.#recordings.values())
      this.#drop(recording.inputs.at(0)?.device ?? defaultDevice(), recording);
    this.#recordings.clear();
    this.latest = null;
  }
}

/**
 * Records what `fn` does on the GPU the first time it is called, and runs just that again at each later call: no shapes, no
 * tape and no allocation on the host, and the same numbers bit for bit. What changes from call to call is copied in (the
 * inputs) or worked out anew (learning rate, step count, random counters). Another shape of inputs makes another recording.
 *
 * `fn` is synchronous, depends on its inputs and on tensors that stay (parameters, buffers), and takes the same way each time;
 * it returns tensors (alone, in an array or plain object) or nothing. The results lie in the recording's own memory: the next
 * call overwrites them. Throws where `fn` reads a tensor, or leaves gradients that a second run would add to.
 */
export function capture<Inputs extends readonly Tensor[], Result>(
  fn: (...inputs: Inputs) => Result,
): CapturedStep<Inputs, Result> {
  const recorder = new Recorder(fn);
  const step = (...inputs: Inputs): Result => recorder.run(inputs);
  return Object.defineProperties(step, {
    recordings: { get: () => recorder.size },
    dispatches: { get: () => recorder.latest?.graph.dispatches ?? 0 },
    dispose: {
      value: () => {
        recorder.dispose();
      },
    },
  }) as CapturedStep<Inputs, Result>;
}
