/** The element of index.html with this id. Throws when it is missing or of another kind. */
export function byId<T extends HTMLElement>(id: string, kind: abstract new () => T): T {
  const element = document.getElementById(id);
  if (!(element instanceof kind)) throw new Error(`the page has no ${kind.name} with the id ${id}`);
  return element;
}

/** Writes only what changes: a screen reader need not hear the same twice. */
export function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** The 2D context of a canvas. */
export function contextOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const context = canvas.getContext('2d');
  if (!context) throw new Error('this browser has no 2D canvas');
  return context;
}

/** Shows 28x28 bytes as black ink; the style sheet turns it white on dark. `null` clears. */
export function showPixels(canvas: HTMLCanvasElement, pixels: Uint8Array | null): void {
  const image = new ImageData(28, 28);
  pixels?.forEach((ink, i) => {
    image.data[4 * i + 3] = ink;
  });
  contextOf(canvas).putImageData(image, 0, 0);
}
