import { effect } from '@preact/signals-core';
import type { AdapterInfo } from 'wgrad';
import { byId, setText } from './dom';
import { opened, phase } from './state';

function describe({ description, device, architecture, vendor, kind }: AdapterInfo): string {
  const name = description || device || [vendor, architecture].filter(Boolean).join(' ') || 'GPU';
  return kind === 'cpu' ? `${name}, in software: slow` : name;
}

/** The chip that names the adapter. */
export function showAdapter(): void {
  const chip = byId('adapter', HTMLParagraphElement);
  const text = chip.querySelector('span') ?? chip;
  effect(() => {
    const found = opened.value;
    const broken = phase.value === 'broken';
    chip.dataset.state = broken ? 'broken' : found && phase.value !== 'opening' ? found.adapter.kind : 'waiting';
    text.title = found ? describe(found.adapter) : '';
    setText(text, broken ? 'No GPU' : found ? describe(found.adapter) : 'Looking for a GPU …');
  });
}
