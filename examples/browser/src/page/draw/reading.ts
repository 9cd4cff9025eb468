import { effect } from '@preact/signals-core';
import { byId, setText, showPixels } from '../dom';
import { percent } from '../format';
import { predict } from '../run/session';
import { alive, drawing, hasOwn, look, modelName } from '../state';

/** Milliseconds without a change after which the reading is said aloud. */
const SPEAK_AFTER = 700;

interface Odds {
  item: HTMLLIElement;
  share: HTMLElement;
}

function buildOdds(): Odds[] {
  const list = byId('odds', HTMLOListElement);
  return Array.from({ length: 10 }, (_, digit) => {
    const item = document.createElement('li');
    const [bar, name, share] = ['i', 'b', 'span'].map((tag) => document.createElement(tag));
    name.textContent = String(digit);
    item.append(bar, name, share);
    list.append(item);
    return { item, share };
  });
}

/** Calls `work` at once, or as soon as its last call has ended; calls in between become one. */
function latestOnly(work: () => Promise<void>): () => void {
  let busy = false;
  let again = false;
  const run = async () => {
    again = true;
    if (busy) return;
    busy = true;
    try {
      while (again) {
        again = false;
        await work();
      }
    } finally {
      busy = false;
    }
  };
  return () => void run();
}

/** The ten probabilities of what is drawn, anew whenever the drawing or the network changes. */
export function reading(): void {
  const odds = buildOdds();
  const [answer, sure, spoken] = ['answer', 'sure', 'reading'].map((id) => byId(id, HTMLElement));
  let speak = 0;
  const show = (probabilities: readonly number[] | null) => {
    const best = probabilities ? probabilities.indexOf(Math.max(...probabilities)) : -1;
    odds.forEach(({ item, share }, digit) => {
      const value = probabilities?.[digit] ?? 0;
      item.style.setProperty('--share', String(value));
      item.classList.toggle('best', digit === best);
      setText(share, probabilities ? percent(value, 0) : '–');
    });
    const certainty = probabilities ? `${percent(probabilities[best])} sure` : 'nothing drawn yet';
    setText(answer, probabilities ? String(best) : '?');
    setText(sure, certainty);
    clearTimeout(speak);
    speak = window.setTimeout(() => {
      setText(spoken, probabilities ? `Read as ${best}, ${certainty}` : '');
    }, SPEAK_AFTER);
  };
  const update = latestOnly(async () => {
    const pixels = drawing.peek();
    if (!pixels) show(null);
    else {
      const probabilities = await predict(modelName.peek(), pixels);
      if (probabilities && drawing.peek()) show(probabilities);
    }
  });
  const seen = byId('seen', HTMLCanvasElement);
  effect(() => {
    showPixels(seen, drawing.value);
  });
  effect(() => {
    // While the network learns, each look at it reads the drawing again.
    const changed = [drawing.value, modelName.value, alive.value, look.value];
    if (changed.length > 0) update();
  });
  chooseModel();
}

function chooseModel(): void {
  const choice = byId('model', HTMLFieldSetElement);
  const radios = [...choice.querySelectorAll('input')];
  choice.addEventListener('change', () => {
    modelName.value = radios.find(({ checked }) => checked)?.value === 'own' ? 'own' : 'ready';
  });
  effect(() => {
    for (const radio of radios) {
      radio.checked = radio.value === modelName.value;
      if (radio.value === 'own') radio.disabled = !hasOwn.value;
    }
  });
}
