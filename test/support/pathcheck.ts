import { expect } from 'vitest';
import { tidy } from '../../src/tensor/scope';
import type { Tensor } from '../../src/tensor/tensor';
import { numbers } from './numbers';

export interface PathcheckOptions {
  /** Elements of each leaf that are moved alone; one random direction is tried beside them. */
  readonly elements?: number;
  /** Rounding error of one loss. */
  readonly noise?: number;
  readonly rtol?: number;
}

/** Half the lengths of a long way and of a short one, on which there are fewer kinks but rounding weighs more. */
const [LONG, SHORT] = [4e-3, 4e-4];
/** Where on a way the slope is taken, in units of half its length: at both ends, where the loss is, and between them. */
const PLACES = [-1, 1, -0.6, -0.1, 0.5];

/** Directions of length 1: single elements, and all elements at once. */
function directionsOf(size: number, elements: number): Float32Array[] {
  const picks = new Set(numbers(elements, 31).map((x) => Math.floor(((x + 1) / 2) * size)));
  const single = [...picks].map((pick) => Float32Array.from({ length: size }, (_, i) => Number(i === pick)));
  const all = numbers(size, 32);
  const norm = Math.hypot(...all);
  return [...single, all.map((x) => x / norm)];
}

interface Point {
  readonly loss: number;
  readonly slope: number;
}

/** The loss, and its slope in a direction of `leaf` by backward(). */
async function measure(name: string, fn: () => Tensor, leaf: Tensor, direction: Float32Array): Promise<Point> {
  const loss = tidy(() => {
    const made = fn();
    made.backward();
    return made;
  });
  const { grad } = leaf;
  leaf.grad = null;
  if (!grad) expect.fail(`${name}: backward() left no gradient`);
  const reads = [loss.data(), grad.data()];
  loss.dispose();
  grad.dispose();
  const [[value], gradient] = await Promise.all(reads);
  return { loss: value, slope: direction.reduce((sum, x, i) => sum + x * gradient[i], 0) };
}

/** What a way says of the slope: by the loss at its ends, by backward(), and how far these may be apart. */
function judge([below, above, ...between]: readonly Point[], radius: number, noise: number, rtol: number) {
  const slopes = [below, above, ...between].map(({ slope }) => slope);
  const [least, most] = [Math.min(...slopes), Math.max(...slopes)];
  const slope = (least + most) / 2;
  return {
    numeric: (above.loss - below.loss) / (2 * radius),
    slope,
    smooth: most - least <= rtol * Math.abs(slope),
    allowed: noise / radius + rtol * Math.abs(slope) + (most - least) / 2,
  };
}

/**
 * The difference of a loss at both ends of a way must be the way's length times a mean of the slopes that backward()
 * gives along it. In place of gradcheck where there are kinks: a network with ReLU and max pooling has some on most
 * ways, and there the slopes differ. One leaf at a time requires a gradient; afterwards all do.
 */
export async function pathcheck(
  name: string,
  loss: () => Tensor,
  leaves: readonly Tensor[],
  { elements = 2, noise = 4e-6, rtol = 1e-2 }: PathcheckOptions = {},
): Promise<void> {
  for (const leaf of leaves) leaf.requiresGrad = false;
  for (const [which, leaf] of leaves.entries()) {
    leaf.requiresGrad = true;
    const original = Float32Array.from(await leaf.data());
    for (const [k, direction] of directionsOf(leaf.size, elements).entries()) {
      const along = async (radius: number) => {
        const points = PLACES.map((place) => {
          leaf.write(original.map((x, i) => x + radius * place * direction[i]));
          return measure(name, loss, leaf, direction);
        });
        return judge(await Promise.all(points), radius, noise, rtol);
      };
      const long = await along(LONG);
      const { numeric, slope, allowed } = long.smooth ? long : await along(SHORT);
      leaf.write(original);
      if (Math.abs(slope - numeric) <= allowed) continue;
      expect.fail(
        `${name}: leaf ${which} [${leaf.shape.join(', ')}], direction ${k}: backward() says ${slope.toPrecision(5)}, ` +
          `the difference of the loss ${numeric.toPrecision(5)}, allowed difference ${allowed.toPrecision(3)}`,
      );
    }
    leaf.requiresGrad = false;
  }
  for (const leaf of leaves) leaf.requiresGrad = true;
}
