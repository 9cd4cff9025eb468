import { batch } from '@preact/signals-core';
import type { LabEvent, ModelName, TrainingRequest } from '../../protocol';
import { messageOf, megabytes, percent, thousands } from '../format';
import { forget, remember } from '../insight/history';
import { LabClient } from '../lab-client';
import { cutOffRun, markRun, unmarkRun } from './run-marker';
import * as state from '../state';
import { isLost, lostTrouble, openingTrouble } from '../trouble/troubles';

let client: LabClient | null = null;
/** The weights that survive a lost device. */
let kept: Uint8Array | null = null;

/** Starts the worker, in place of the previous one. */
export async function start(): Promise<void> {
  client?.end();
  const mine = new LabClient();
  client = mine;
  batch(() => {
    state.phase.value = 'opening';
    state.trouble.value = null;
    state.status.value = 'Opening the GPU …';
  });
  try {
    const opened = await mine.open((event) => {
      if (client === mine) handle(event);
    });
    const weights = kept;
    if (weights) await mine.ask((api) => api.load(weights, 'the saved weights'));
    const cutOff = cutOffRun();
    batch(() => {
      state.opened.value = opened;
      state.hasOwn.value = weights !== null;
      if (!weights) state.modelName.value = 'ready';
      state.phase.value = 'idle';
      state.status.value = weights
        ? 'Started again with the last complete weights'
        : cutOff
          ? `The last training was cut off in epoch ${cutOff.epoch} of ${cutOff.epochs}, when the page was closed`
          : 'Ready: draw a digit, or train a network';
    });
  } catch (error) {
    if (client === mine) fail(openingTrouble(error));
  }
}

function fail(trouble: state.Trouble): void {
  unmarkRun();
  batch(() => {
    state.trouble.value = trouble;
    state.phase.value = 'broken';
    state.status.value = trouble.title;
    state.progress.value = null;
  });
}

function handle(event: LabEvent): void {
  switch (event.kind) {
    case 'download': {
      const { file, received, total } = event;
      const of = total > 0 ? ` of ${megabytes(total)}` : '';
      state.status.value = `Downloading ${file}: ${megabytes(received)}${of} MB`;
      break;
    }
    case 'data':
      state.status.value = `Learning from ${thousands(event.train)} images (${event.source}), tested on ${thousands(event.test)} others`;
      state.hasOwn.value = true;
      state.modelName.value = 'own';
      if (state.phase.value === 'preparing') state.phase.value = 'training';
      break;
    case 'progress':
      state.progress.value = event;
      remember({ step: event.step, loss: event.loss, accuracy: event.accuracy, lr: event.lr });
      markRun({ epoch: event.epoch + 1, epochs: event.epochs });
      break;
    case 'look':
      state.look.value = event;
      remember({ step: event.step, heldLoss: event.assessment.loss, heldAccuracy: event.assessment.accuracy });
      break;
    case 'filters':
      state.filters.value = event.filters;
      break;
    case 'epoch':
      kept = event.weights;
      if (state.phase.value === 'training') {
        state.status.value = `Epoch ${event.epoch + 1} of ${event.epochs}: ${percent(event.accuracy)} of the test images are read correctly`;
      }
      break;
    case 'paused':
      state.status.value = `Paused after ${event.step} steps`;
      break;
    case 'lost':
      fail(lostTrouble(event.message, state.running.value, kept !== null));
  }
}

/** Trains a new network; resolves when training ends, in whatever way. */
export async function train(request: TrainingRequest): Promise<void> {
  const mine = client;
  if (!mine || state.phase.value !== 'idle') return;
  forget();
  batch(() => {
    state.phase.value = 'preparing';
    state.status.value = 'Preparing the images …';
    state.progress.value = null;
    state.look.value = null;
  });
  let lost = false;
  try {
    const { finished, accuracy, count } = await mine.ask((api) => api.train(request));
    state.status.value = `${finished ? 'Done' : 'Stopped'}: ${percent(accuracy)} of ${thousands(count)} test images are read correctly`;
  } catch (error) {
    // Its own event tells of a lost device, and that a training ran.
    lost = isLost(error);
    if (client !== mine || lost) return;
    state.status.value = messageOf(error) === 'stopped' ? 'Stopped' : `Training failed: ${messageOf(error)}`;
  } finally {
    if (client === mine && state.running.value && !lost) state.phase.value = 'idle';
    unmarkRun();
  }
}

/** Tells the worker something while it trains. */
async function tell(phase: state.Phase, status: string, what: 'pause' | 'resume' | 'stop'): Promise<void> {
  batch(() => {
    state.phase.value = phase;
    state.status.value = status;
  });
  await client?.ask((api) => api[what]()).catch(() => undefined);
}

export const pause = () => tell('paused', 'Pausing …', 'pause');
export const resume = () => tell('training', 'Going on', 'resume');
export const stop = () => tell('stopping', 'Stopping …', 'stop');

/** Ten probabilities, or null while the worker cannot answer. */
export async function predict(model: ModelName, pixels: Uint8Array): Promise<number[] | null> {
  if (!client || !state.alive.value) return null;
  return client.ask((api) => api.predict(model, pixels)).catch(() => null);
}

export async function sample(number: number): Promise<{ pixels: Uint8Array; label: number } | null> {
  if (!client || !state.alive.value) return null;
  return client.ask((api) => api.sample(number)).catch(() => null);
}

/** The weights of the chosen network as a safetensors file. Throws when the worker cannot give them. */
export async function weights(): Promise<Uint8Array> {
  const { value: name } = state.modelName;
  if (!client) throw new Error('the GPU is not open');
  return client.ask((api) => api.save(name));
}

/** Loads a safetensors file into the user's own network. */
export async function load(file: File): Promise<void> {
  try {
    if (!client || !state.alive.value) throw new Error('the GPU is not open');
    const bytes = new Uint8Array(await file.arrayBuffer());
    await client.ask((api) => api.load(bytes, file.name));
    kept = bytes;
    batch(() => {
      state.hasOwn.value = true;
      state.modelName.value = 'own';
      state.status.value = `Loaded the weights of ${file.name}`;
    });
  } catch (error) {
    state.status.value = `The weights were not loaded: ${messageOf(error)}`;
  }
}
