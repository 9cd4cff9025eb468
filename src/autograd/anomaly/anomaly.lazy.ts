import type { DType } from '../../tensor/dtype';
import { foldWorkgroups } from '../../runtime/kernels/launch';
import { kernel } from '../../runtime/kernels/kernel';
import { vectorOf } from '../../runtime/kernels/element-kernel';
import type { Device } from '../../runtime/device';
import { DETAILS } from '../../runtime/gpu-checks';
import { formatShape } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import type { AnomalyWatcher } from './anomaly-watcher';
import { AnomalyError } from './anomaly-error';

const FIND = kernel('anomaly_find', () => import('./shaders.lazy'));
const RANGES = kernel('anomaly_ranges', () => import('./shaders.lazy'));

const WG = 64;
/** Elements that an invocation looks at, about: starting one costs as much as a few do. */
const PER_INVOCATION = 64;
/** Words of an input's range, and inputs that are described. */
const RANGE_WORDS = 4;
const MOST_INPUTS = 4;
/** Ops of steps that are not captured, of which no more can be found by a readback that comes very late. */
const REMEMBERED = 16_384;
/** Lines of the user's code that an error shows. */
const FRAMES = 3;

/** What is known on the host of an op whose results were looked at. */
interface Seen {
  readonly what: string;
  readonly inputs: readonly { readonly name: string; readonly shape: string; readonly size: number }[];
  readonly stack: string;
}

interface Named {
  readonly name: string;
  readonly tensor: Tensor<DType>;
}

/** What stack traces call the library: its folder, or its file where it is built as one. */
const ownFile = /(?:\(|at |@)([^\s()]+?):\d+:\d+/.exec(new Error().stack ?? '')?.[1];
const library = ownFile?.replace(/\/autograd\/anomaly\/anomaly\.lazy.*/, '/');

/** The lines of the user's code in a stack trace. */
function userLines(stack: string): string {
  const frames = stack.split('\n').filter((line) => /^\s*at |@/.test(line));
  const own = frames.filter((line) => !library || !line.includes(library));
  // A bundle can hold the user's code in the same file.
  return (own.length > 0 ? own : frames)
    .slice(0, FRAMES)
    .map((line) => `\n    ${line.trim()}`)
    .join('');
}

const floatOf = (key: number): number => {
  const bits = key >= 0x80000000 ? key - 0x80000000 : (0x80000000 - key) | 0x80000000;
  return new Float32Array(new Uint32Array([bits]).buffer)[0];
};

function describeRange(words: Uint32Array, { name, shape, size }: Seen['inputs'][number], i: number): string {
  const [known, outside, highest, lowest] = words.subarray(DETAILS + i * RANGE_WORDS);
  if (known === 0) return `${name} ${shape}`;
  const range = outside < size ? `from ${floatOf(~lowest >>> 0)} to ${floatOf(highest)}` : 'no finite number';
  return `${name} ${shape}: ${range}, ${outside} of ${size} NaN or infinite`;
}

class Watcher implements AnomalyWatcher {
  readonly #seen = new Map<number, Seen>();
  readonly #captured = new Map<number, Seen>();
  readonly #devices = new Set<Device>();
  readonly #stacks = new WeakMap<Tensor<DType>, string>();
  #count = 0;

  forward(op: string, inputs: readonly Tensor<DType>[], out: Tensor<DType>): void {
    const stack = new Error().stack ?? '';
    this.#stacks.set(out, stack);
    const named = inputs.map((tensor, i) => ({ name: `input ${i}`, tensor }));
    this.#look(`the forward pass of ${op}`, op, named, [out], stack);
  }

  backward(
    op: string,
    result: Tensor<DType>,
    grad: Tensor,
    inputs: readonly Tensor<DType>[],
    grads: readonly (Tensor<DType> | null)[],
  ): void {
    const named = inputs.map((tensor, i) => ({ name: `input ${i}`, tensor })).filter(({ tensor }) => !tensor.disposed);
    const results = grads.filter((each) => each !== null);
    this.#look(
      `the backward pass of ${op}`,
      op,
      [{ name: 'gradient', tensor: grad }, ...named],
      results,
      this.#stacks.get(result) ?? '',
    );
  }

  #look(what: string, op: string, inputs: readonly Named[], results: readonly Tensor<DType>[], stack: string): void {
    const floats = results.filter(({ dtype }) => dtype === 'float32');
    if (floats.length === 0) return;
    const [{ device }] = floats;
    this.#devices.add(device);
    const number = ++this.#count;
    const described = inputs.filter(({ tensor }) => tensor.dtype === 'float32').slice(0, MOST_INPUTS);
    (device.stream.recording ? this.#captured : this.#seen).set(number, {
      what,
      stack,
      inputs: described.map(({ name, tensor: { shape, size } }) => ({ name, shape: formatShape(shape), size })),
    });
    this.#seen.delete(number - REMEMBERED);
    const check = device.checks.slot('anomaly', (found, words) => this.#errorOf(found, words));
    for (const { view, size } of floats) {
      const vector = vectorOf(size);
      const n = size / vector.VEC;
      device.launch({
        op,
        kernel: FIND,
        defines: { WG, ...vector },
        params: { n, check, number },
        views: [view, device.checks.view],
        workgroups: foldWorkgroups(Math.ceil(n / ((WG * PER_INVOCATION) / vector.VEC))),
      });
    }
    described.forEach(({ tensor: { view, size } }, i) => {
      device.launch({
        op,
        kernel: RANGES,
        defines: { WG },
        params: { n: size, check, number, details: DETAILS + i * RANGE_WORDS },
        views: [view, device.checks.view],
        workgroups: [1, 1, 1],
      });
    });
  }

  #errorOf(found: number, words: Uint32Array): Error {
    const seen = this.#captured.get(found) ?? this.#seen.get(found);
    if (!seen)
      return new AnomalyError(
        'detectAnomaly: an op made a NaN or an infinity, too long before this readback to tell which',
      );
    const { what, inputs, stack } = seen;
    const ranges = inputs.map((input, i) => `\n  ${describeRange(words, input, i)}`).join('');
    return new AnomalyError(
      `detectAnomaly: ${what} made a NaN or an infinity${ranges}\n  called by${userLines(stack)}`,
    );
  }

  async finish(): Promise<void> {
    const devices = [...this.#devices];
    this.#devices.clear();
    for (const device of devices) {
      const { storage } = device.checks.view;
      await device.stream.read(storage, 0, 4);
    }
  }
}

// One for all calls: a step that was captured under an earlier one stays watched.
const watcher = new Watcher();

export const watchAnomalies = (): AnomalyWatcher => watcher;
