import { effect } from '@preact/signals-core';
import type { Settings } from '../../../../settings';
import type { DataChoice, TrainingRequest } from '../../protocol';
import { byId, setText } from '../dom';
import { opened, running, userFiles } from '../state';

const SIZES = {
  whole: { channels: [32, 64], dense: [256, 128] },
  half: { channels: [16, 32], dense: [128, 64] },
} as const satisfies Record<string, Pick<Settings, 'channels' | 'dense'>>;

const isSize = (name: string): name is keyof typeof SIZES => Object.hasOwn(SIZES, name);

const form = () => byId('settings', HTMLFormElement);

function field(name: string): HTMLInputElement | HTMLSelectElement {
  const element = form().elements.namedItem(name);
  if (element instanceof HTMLInputElement || element instanceof HTMLSelectElement) return element;
  throw new Error(`the form has no field ${name}`);
}

function dataChoice(): DataChoice {
  const chosen = new FormData(form()).get('data');
  if (chosen === 'files') return { kind: 'files', files: userFiles.value };
  return { kind: chosen === 'full' ? 'full' : 'small' };
}

/** What the form says; the browser has checked the numbers. */
export function trainingRequest(dropout: Settings['dropout']): TrainingRequest {
  const number = (name: string) => Number(field(name).value);
  const size = field('size').value;
  return {
    settings: {
      epochs: number('epochs'),
      batchSize: number('batchSize'),
      lr: number('lr'),
      dropout,
      ...(isSize(size) ? SIZES[size] : SIZES.whole),
    },
    seed: number('seed'),
    data: dataChoice(),
  };
}

/** Chooses the user's own files as the images to learn from. */
export function useFiles(files: readonly File[]): void {
  userFiles.value = files;
  const radio = form().querySelector<HTMLInputElement>('input[name=data][value=files]');
  if (radio) radio.checked = true;
}

function chooseFiles(): void {
  const input = byId('files', HTMLInputElement);
  const radio = form().querySelector<HTMLInputElement>('input[name=data][value=files]');
  // A click, not a change: who has chosen files may want others. The arrow keys choose without asking.
  radio?.addEventListener('click', (event) => {
    if (event.detail > 0 || userFiles.value.length === 0) input.click();
  });
  input.addEventListener('change', () => {
    if (input.files?.length) useFiles([...input.files]);
    input.value = '';
  });
  effect(() => {
    const { length } = userFiles.value;
    setText(byId('files-name', HTMLElement), length > 0 ? `Your ${length} IDX files` : 'Your IDX files');
  });
}

/** Fills the form with defaults that suit the adapter, unless the user was faster, and locks it during a run. */
export function settingsForm(): void {
  let touched = false;
  form().addEventListener('input', () => {
    touched = true;
  });
  chooseFiles();
  effect(() => {
    const defaults = opened.value?.defaults;
    if (!defaults || touched) return;
    for (const name of ['epochs', 'batchSize', 'lr'] as const) field(name).value = String(defaults[name]);
    field('size').value = defaults.channels[0] === SIZES.half.channels[0] ? 'half' : 'whole';
  });
  effect(() => {
    for (const element of form().querySelectorAll('fieldset')) element.disabled = running.value;
    for (const name of ['epochs', 'batchSize', 'lr', 'seed', 'size']) field(name).disabled = running.value;
  });
}
