import { effect } from '@preact/signals-core';
import { byId } from '../dom';
import { percent } from '../format';
import { filters } from '../state';

const TAPS = 9;
const MOST = 32;

function tile(): { tile: HTMLElement; taps: HTMLElement[] } {
  const element = document.createElement('div');
  const taps = Array.from({ length: TAPS }, () => document.createElement('i'));
  element.append(...taps);
  return { tile: element, taps };
}

/** The kernels of the first convolution, each weight a square: warm is positive, cold negative. */
export function filtersView(): void {
  const tiles = Array.from({ length: MOST }, tile);
  byId('filters', HTMLElement).append(...tiles.map((one) => one.tile));
  effect(() => {
    const shown = filters.value;
    const largest = shown ? Math.max(...shown.weights.map(Math.abs)) : 1;
    tiles.forEach((one, i) => {
      one.tile.classList.toggle('none', shown !== null && i >= shown.count);
      one.taps.forEach((tap, j) => {
        const weight = (shown?.weights[i * TAPS + j] ?? 0) / largest;
        tap.style.setProperty('--share', percent(Math.abs(weight), 0));
        tap.classList.toggle('negative', weight < 0);
      });
    });
  });
}
