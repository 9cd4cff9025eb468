import { effect } from '@preact/signals-core';
import { byId } from './dom';
import { messageOf } from './format';
import { load, weights } from './run/session';
import { useFiles } from './run/settings-form';
import { alive, running, status } from './state';

const isWeights = ({ name }: File): boolean => name.endsWith('.safetensors');

async function save(): Promise<void> {
  try {
    const bytes = await weights();
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([new Uint8Array(bytes)], { type: 'application/octet-stream' }));
    link.download = 'mnist.safetensors';
    link.click();
    URL.revokeObjectURL(link.href);
    status.value = `Saved the weights as ${link.download}: npm run mnist and PyTorch write and read the same file`;
  } catch (error) {
    status.value = `The weights were not saved: ${messageOf(error)}`;
  }
}

/** Weights and images that are dropped anywhere on the page. */
function drop(): void {
  const { body } = document;
  const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') === true;
  let depth = 0;
  const inside = (change: number) => {
    depth = Math.max(0, depth + change);
    body.classList.toggle('dropping', depth > 0);
  };
  body.addEventListener('dragenter', (event) => {
    if (hasFiles(event)) inside(1);
  });
  body.addEventListener('dragleave', (event) => {
    if (hasFiles(event)) inside(-1);
  });
  body.addEventListener('dragover', (event) => {
    if (hasFiles(event)) event.preventDefault();
  });
  body.addEventListener('drop', (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    inside(-depth);
    const files = [...(event.dataTransfer?.files ?? [])];
    const file = files.find(isWeights);
    if (running.value) status.value = 'Stop the training before giving other files';
    else if (file) void load(file);
    else if (files.length > 0) {
      useFiles(files);
      status.value = `${files.length} ${files.length === 1 ? 'file' : 'files'} to learn from: start when you are ready`;
    }
  });
}

/** Weights out and in, and files dropped on the page. */
export function files(): void {
  const saveButton = byId('save', HTMLButtonElement);
  const input = byId('load', HTMLInputElement);
  saveButton.addEventListener('click', () => void save());
  input.addEventListener('change', () => {
    const file = input.files?.[0];
    if (file) void load(file);
    input.value = '';
  });
  effect(() => {
    saveButton.disabled = !alive.value;
    input.disabled = !alive.value || running.value;
  });
  drop();
}
