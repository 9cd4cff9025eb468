import { batch, effect, signal } from '@preact/signals-core';
import { digitImage, ink } from './digit-image';
import { byId, contextOf, showPixels } from '../dom';
import { sample } from '../run/session';
import { alive, drawing } from '../state';
import { SIDE, type Point } from './strokes';

/** Of the field's width. */
const PEN_SHARE = 0.07;

const strokes = signal<readonly (readonly Point[])[]>([]);
/** A digit of the data set in place of strokes. */
const example = signal<Uint8Array | null>(null);

/** Pointer events of mouse, finger and pen into strokes; one pointer at a time. */
function listen(canvas: HTMLCanvasElement): void {
  let drawingWith: number | null = null;
  const pointOf = (event: PointerEvent): Point => {
    const box = canvas.getBoundingClientRect();
    // As fractions of the field: its size may change.
    return { x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height };
  };
  canvas.addEventListener('pointerdown', (event) => {
    if (drawingWith !== null || event.button !== 0) return;
    drawingWith = event.pointerId;
    canvas.setPointerCapture(event.pointerId);
    event.preventDefault();
    example.value = null;
    strokes.value = [...strokes.value, [pointOf(event)]];
  });
  canvas.addEventListener('pointermove', (event) => {
    if (event.pointerId !== drawingWith) return;
    const more = event.getCoalescedEvents().map(pointOf);
    const last = strokes.value.at(-1) ?? [];
    strokes.value = [...strokes.value.slice(0, -1), [...last, ...(more.length > 0 ? more : [pointOf(event)])]];
  });
  for (const end of ['pointerup', 'pointercancel'] as const) {
    canvas.addEventListener(end, (event) => {
      if (event.pointerId === drawingWith) drawingWith = null;
    });
  }
}

/** Paints what is drawn at the screen's own resolution. */
function paint(canvas: HTMLCanvasElement): void {
  const context = contextOf(canvas);
  const { width } = canvas;
  context.clearRect(0, 0, width, width);
  if (example.value) {
    const small = document.createElement('canvas');
    small.width = small.height = SIDE;
    showPixels(small, example.value);
    context.imageSmoothingQuality = 'high';
    context.drawImage(small, 0, 0, width, width);
  } else {
    context.save();
    context.scale(width, width);
    ink(context, strokes.value, PEN_SHARE);
    context.restore();
  }
}

/** Strokes in units in which the field is wide enough for the pen's limits of size. */
const inField = () => strokes.value.map((stroke) => stroke.map(({ x, y }) => ({ x: 280 * x, y: 280 * y })));

function buttons(): void {
  const [clear, undo, show] = ['clear', 'undo', 'example'].map((id) => byId(id, HTMLButtonElement));
  const put = (pixels: Uint8Array | null) => {
    batch(() => {
      strokes.value = [];
      example.value = pixels;
    });
  };
  const wipe = () => {
    put(null);
  };
  clear.addEventListener('click', wipe);
  undo.addEventListener('click', () => {
    if (example.value) wipe();
    else strokes.value = strokes.value.slice(0, -1);
  });
  show.addEventListener('click', () => {
    void sample(Math.floor(Math.random() * 2 ** 31)).then((found) => {
      if (found) put(found.pixels);
    });
  });
  effect(() => {
    clear.disabled = undo.disabled = strokes.value.length === 0 && !example.value;
    show.disabled = !alive.value;
  });
}

/** The field to draw a digit in. */
export function pad(): void {
  const canvas = byId('pad', HTMLCanvasElement);
  const hint = byId('pad-hint', HTMLElement);
  listen(canvas);
  buttons();
  new ResizeObserver(() => {
    canvas.width = canvas.height = Math.round(canvas.clientWidth * devicePixelRatio);
    paint(canvas);
  }).observe(canvas);
  effect(() => {
    paint(canvas);
    hint.hidden = strokes.value.length > 0 || example.value !== null;
    drawing.value = example.value ?? digitImage(inField());
  });
}
