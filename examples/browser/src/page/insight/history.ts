import { signal } from '@preact/signals-core';

/** A moment of a training run; what was not measured then is missing. */
export interface Moment {
  step: number;
  loss?: number;
  accuracy?: number;
  lr?: number;
  heldLoss?: number;
  heldAccuracy?: number;
}

/** The run so far; another array for each change. */
export const moments = signal<readonly Moment[]>([]);

/** Adds to the last moment when it is of the same step. */
export function remember(moment: Moment): void {
  const all = moments.peek();
  const last = all.at(-1);
  moments.value = last?.step === moment.step ? [...all.slice(0, -1), { ...last, ...moment }] : [...all, moment];
}

export function forget(): void {
  moments.value = [];
}
