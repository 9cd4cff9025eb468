import { effect } from '@preact/signals-core';
import { byId } from './dom';
import { percent } from './format';
import { look } from './state';

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
    const filters = look.value?.filters;
    const largest = filters ? Math.max(...filters.weights.map(Math.abs)) : 1;
    tiles.forEach((one, i) => {
      one.tile.classList.toggle('none', filters !== undefined && i >= filters.count);
      one.taps.forEach((tap, j) => {
        const weight = (filters?.weights[i * TAPS + j] ?? 0) / largest;
        tap.style.setProperty('--share', percent(Math.abs(weight), 0));
        tap.classList.toggle('negative', weight < 0);
      });
    });
  });
}
