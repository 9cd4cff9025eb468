/** A point of a drawing, in pixels of the drawing field. */
export interface Point {
  x: number;
  y: number;
}

export type Stroke = readonly Point[];

/** What turns the points of a drawing into those of the image: `scale · p + shift`. */
export interface Placement {
  scale: number;
  x: number;
  y: number;
}

/** MNIST's digits: size-normalised to 20x20 and centred in 28x28 by centre of mass (LeCun, Cortes and Burges). */
export const SIDE = 28;
const BOX = 20;
/** Width of the pen there, by eye. */
export const PEN = 2.4;
/** A dot does not grow to fill the box. */
const LARGEST_SCALE = 0.5;

/** Where the middle of the drawing's bounds comes to the middle of the image, at MNIST's size; `null` for no drawing. */
export function placementOf(strokes: readonly Stroke[]): Placement | null {
  const points = strokes.flat();
  if (points.length === 0) return null;
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const scale = Math.min((BOX - PEN) / Math.max(right - left, bottom - top), LARGEST_SCALE);
  return { scale, x: (SIDE - scale * (left + right)) / 2, y: (SIDE - scale * (top + bottom)) / 2 };
}

/** The placement that moves the centre of mass of `pixels`, drawn with `placement`, to the middle. */
export function centred(placement: Placement, pixels: Uint8Array): Placement {
  let [mass, x, y] = [0, 0, 0];
  pixels.forEach((ink, i) => {
    mass += ink;
    x += ink * ((i % SIDE) + 0.5);
    y += ink * (Math.floor(i / SIDE) + 0.5);
  });
  if (mass === 0) return placement;
  return { ...placement, x: placement.x + SIDE / 2 - x / mass, y: placement.y + SIDE / 2 - y / mass };
}
