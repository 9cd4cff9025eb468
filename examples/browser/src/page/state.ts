import { computed, signal } from '@preact/signals-core';
import type { Filters, LabEvent, ModelName, Opened, ProgressEvent } from '../protocol';

/** Where the page stands. */
export type Phase = 'opening' | 'idle' | 'preparing' | 'training' | 'paused' | 'stopping' | 'broken';

/** Something that stops the page from working, and what to do about it. */
export interface Trouble {
  title: string;
  text: string;
  advice: readonly string[];
}

export type Look = Extract<LabEvent, { kind: 'look' }>;

export const phase = signal<Phase>('opening');
export const opened = signal<Opened | null>(null);
export const trouble = signal<Trouble | null>(null);
/** One line on what last happened. */
export const status = signal('Opening the GPU …');
export const progress = signal<ProgressEvent | null>(null);
export const look = signal<Look | null>(null);
export const filters = signal<Filters | null>(null);
export const modelName = signal<ModelName>('ready');
export const hasOwn = signal(false);
/** The digit to read, 28x28 bytes. */
export const drawing = signal<Uint8Array | null>(null);
export const userFiles = signal<readonly File[]>([]);

/** A run is in progress, in any state. */
export const running = computed(() => ['preparing', 'training', 'paused', 'stopping'].includes(phase.value));
/** The worker answers. */
export const alive = computed(() => phase.value !== 'opening' && phase.value !== 'broken');
