import { philox4 } from '../../tensor/philox';
import { keep, tidy } from '../../tensor/scope';
import { tensor } from '../../tensor/create/create';
import { formatShape } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import { noGrad } from '../mode';
import { GradcheckError } from './gradcheck-error';

/** Options of `gradcheck()`. */
export interface GradcheckOptions {
  /** Half the distance of the two points of a central difference; default 1e-2. */
  eps?: number;
  /** A difference d of analytic and numeric gradient passes when d <= atol + rtol · |numeric|; default 1e-3 and 1e-2. */
  atol?: number;
  rtol?: number;
  /** Elements of each input that are checked one by one (all, when it has no more); default 24. */
  elements?: number;
  /** Random directions along which each input is checked as a whole; default 2. */
  directions?: number;
  /** Seed of the projection, the elements and the directions; default 0. */
  seed?: number;
  /** Named in the message; default 'gradcheck'. */
  name?: string;
}

/** Numbers in [-1, 1), away from 0. */
function directionNumbers(seed: number, stream: number, count: number): Float64Array {
  const out = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const [bits, side] = philox4([i, stream, 0, 0], [seed, 0x67726164]);
    out[i] = (0.25 + 0.75 * (bits / 2 ** 32)) * (side & 1 ? 1 : -1);
  }
  return out;
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < a.length; i++) total += a[i] * b[i];
  return total;
}

interface Probe {
  readonly label: string;
  readonly direction: Map<number, number>;
}

function probesOf(input: Tensor, which: number, options: Required<GradcheckOptions>): Probe[] {
  const picks = new Set<number>();
  if (input.size <= options.elements) for (let i = 0; i < input.size; i++) picks.add(i);
  for (let k = 0; picks.size < Math.min(options.elements, input.size); k++) {
    picks.add(philox4([k, which, 1, 0], [options.seed, 0x7069636b])[0] % input.size);
  }
  const single = [...picks].map((i) => ({ label: `element ${i}`, direction: new Map([[i, 1]]) }));
  const whole = Array.from({ length: options.directions }, (_, k) => {
    const numbers = directionNumbers(options.seed, 1000 + 10 * which + k, input.size);
    // Of length 1, so that the step stays small however many elements there are.
    const norm = Math.sqrt(dot(numbers, numbers));
    return { label: `direction ${k}`, direction: new Map(Array.from(numbers, (x, i) => [i, x / norm])) };
  });
  return [...single, ...whole];
}

/** What `gradcheck()` does; a module of its own, which a page loads when it checks. */
export async function checkGradients(
  fn: (...inputs: Tensor[]) => Tensor,
  inputs: readonly Tensor[],
  options: GradcheckOptions,
): Promise<void> {
  const full = {
    eps: 1e-2,
    atol: 1e-3,
    rtol: 1e-2,
    elements: 24,
    directions: 2,
    seed: 0,
    name: 'gradcheck',
    ...options,
  };
  const checked = inputs.filter((input) => input.requiresGrad);
  if (checked.length === 0) throw new GradcheckError(`${full.name}: no input requires a gradient`);
  for (const input of checked) {
    input.grad?.dispose();
    input.grad = null;
  }
  const out = keep(fn(...inputs));
  const projection = directionNumbers(full.seed, 0, out.size);
  const gradient = tensor(Float32Array.from(projection), { shape: out.shape, device: out.device });
  out.backward({ gradient });
  gradient.dispose();
  out.dispose();

  const value = async (): Promise<number> => {
    const result = noGrad(() => tidy(() => fn(...inputs)));
    const data = await result.data();
    result.dispose();
    return dot(data, projection);
  };
  for (const [which, input] of inputs.entries()) {
    if (!input.requiresGrad) continue;
    if (!input.grad) throw new GradcheckError(`${full.name}: backward() left no gradient for input ${which}`);
    const analytic = await input.grad.data();
    const original = Float32Array.from(await input.data());
    for (const { label, direction } of probesOf(input, which, full)) {
      const moved = (sign: number) => {
        const data = original.slice();
        for (const [i, x] of direction) data[i] += sign * full.eps * x;
        input.write(data);
        return value();
      };
      const [above, below] = await Promise.all([moved(1), moved(-1)]);
      input.write(original);
      const numeric = (above - below) / (2 * full.eps);
      let expected = 0;
      for (const [i, x] of direction) expected += x * analytic[i];
      const tolerance = full.atol + full.rtol * Math.abs(numeric);
      if (!(Math.abs(expected - numeric) <= tolerance)) {
        throw new GradcheckError(
          `${full.name}: input ${which} ${formatShape(input.shape)}, ${label}: backward() says ${expected.toPrecision(6)}, ` +
            `central differences say ${numeric.toPrecision(6)}, allowed difference ${tolerance.toPrecision(3)}`,
        );
      }
    }
  }
}
