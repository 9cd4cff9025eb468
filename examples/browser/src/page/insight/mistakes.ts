import { effect } from '@preact/signals-core';
import type { Mistake } from '../../protocol';
import { byId, setText, showPixels } from '../dom';
import { percent } from '../format';
import { look } from '../state';

const PLACES = 12;

function place(): { item: HTMLLIElement; show: (mistake: Mistake | undefined) => void } {
  const item = document.createElement('li');
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 28;
  canvas.className = 'ink';
  canvas.setAttribute('aria-hidden', 'true');
  const caption = document.createElement('p');
  const sure = document.createElement('small');
  item.append(canvas, caption, sure);
  return {
    item,
    show: (mistake) => {
      item.classList.toggle('empty', !mistake);
      showPixels(canvas, mistake?.pixels ?? null);
      setText(caption, mistake ? `${mistake.label} → ${mistake.predicted}` : '–');
      setText(sure, mistake ? `${percent(mistake.probability, 0)} sure` : '');
    },
  };
}

/** The held-out images that are read most wrongly. */
export function mistakesView(): void {
  const places = Array.from({ length: PLACES }, place);
  byId('mistakes', HTMLUListElement).append(...places.map(({ item }) => item));
  effect(() => {
    const mistakes = look.value?.assessment.mistakes ?? [];
    places.forEach(({ show }, i) => {
      show(mistakes.at(i));
    });
  });
}
