import { centred, PEN, placementOf, SIDE, type Placement, type Stroke } from './strokes';

/** Draws strokes as a round pen does. */
export function ink(
  context: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D,
  strokes: readonly Stroke[],
  width: number,
): void {
  context.lineWidth = width;
  context.lineCap = context.lineJoin = 'round';
  for (const stroke of strokes) {
    context.beginPath();
    stroke.forEach(({ x, y }, i) => {
      // A line to where it is: a tap leaves a dot.
      if (i === 0) context.moveTo(x, y);
      context.lineTo(x, y);
    });
    context.stroke();
  }
}

function render(strokes: readonly Stroke[], { scale, x, y }: Placement): Uint8Array {
  const context = new OffscreenCanvas(SIDE, SIDE).getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('this browser has no 2D canvas outside the page');
  context.setTransform(scale, 0, 0, scale, x, y);
  ink(context, strokes, PEN / scale);
  const { data } = context.getImageData(0, 0, SIDE, SIDE);
  return Uint8Array.from({ length: SIDE * SIDE }, (_, i) => data[4 * i + 3]);
}

/** The drawing as MNIST would hold it, 28x28 bytes with 255 for ink; `null` for no drawing. */
export function digitImage(strokes: readonly Stroke[]): Uint8Array | null {
  const placement = placementOf(strokes);
  return placement && render(strokes, centred(placement, render(strokes, placement)));
}
