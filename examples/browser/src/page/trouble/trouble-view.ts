import { effect } from '@preact/signals-core';
import { byId } from '../dom';
import { start } from '../run/session';
import { trouble } from '../state';

/** The panel that says what is wrong and starts the page again. */
export function showTrouble(): void {
  const panel = byId('trouble', HTMLElement);
  const restart = byId('restart', HTMLButtonElement);
  effect(() => {
    const found = trouble.value;
    panel.hidden = !found;
    if (!found) return;
    byId('trouble-title', HTMLElement).textContent = found.title;
    byId('trouble-text', HTMLElement).textContent = found.text;
    byId('trouble-advice', HTMLElement).replaceChildren(
      ...found.advice.map((line) => {
        const item = document.createElement('li');
        item.textContent = line;
        return item;
      }),
    );
  });
  restart.addEventListener('click', () => {
    void start();
  });
}
