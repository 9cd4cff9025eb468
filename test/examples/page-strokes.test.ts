import { describe, expect, it } from 'vitest';
import { centred, PEN, placementOf, SIDE, type Point } from '../../examples/browser/src/page/draw/strokes';

const apply = ({ x, y }: Point, { scale, ...shift }: { scale: number; x: number; y: number }) => [
  scale * x + shift.x,
  scale * y + shift.y,
];

describe('the place of a drawing in the image', () => {
  it('is the middle, 20 pixels high with the pen, however large and wherever it was drawn', () => {
    for (const [left, top, size] of [
      [10, 20, 250],
      [150, 90, 60],
    ]) {
      const stroke = [
        { x: left, y: top },
        { x: left + size / 3, y: top + size },
      ];
      const placement = placementOf([stroke]);
      if (!placement) throw new Error('expected a placement');
      const [[x0, y0], [x1, y1]] = stroke.map((point) => apply(point, placement));
      expect(y1 - y0 + PEN).toBeCloseTo(20, 10);
      expect((x0 + x1) / 2).toBeCloseTo(SIDE / 2, 10);
      expect((y0 + y1) / 2).toBeCloseTo(SIDE / 2, 10);
      expect((x1 - x0) / (y1 - y0)).toBeCloseTo(1 / 3, 10);
    }
  });

  it('does not blow up a dot, and is nowhere for no drawing', () => {
    expect(placementOf([[{ x: 100, y: 40 }]])).toEqual({ scale: 0.5, x: -36, y: -6 });
    expect(placementOf([])).toBeNull();
  });

  it('moves so that the centre of mass comes to the middle', () => {
    const pixels = new Uint8Array(SIDE * SIDE);
    pixels[10 * SIDE + 20] = 100;
    pixels[10 * SIDE + 22] = 100;
    // The centres of the two pixels are 20.5 and 22.5, on row 10.5.
    expect(centred({ scale: 2, x: 1, y: 1 }, pixels)).toEqual({ scale: 2, x: 1 + 14 - 21.5, y: 1 + 14 - 10.5 });
    expect(centred({ scale: 2, x: 1, y: 1 }, new Uint8Array(SIDE * SIDE))).toEqual({ scale: 2, x: 1, y: 1 });
  });
});
