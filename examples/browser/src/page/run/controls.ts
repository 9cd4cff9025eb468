import { effect } from '@preact/signals-core';
import { byId, setText } from '../dom';
import { clock, percent, thousands } from '../format';
import { pause, resume, stop, train } from './session';
import { trainingRequest } from './settings-form';
import { look, opened, phase, progress, running, status, type Phase } from '../state';

const STAGES: Record<Phase, string> = {
  opening: 'opening',
  idle: 'idle',
  preparing: 'preparing',
  training: 'training',
  paused: 'paused',
  stopping: 'stopping',
  broken: 'no GPU',
};

/** Start, pause, resume, stop, and the figures beside them. */
export function controls(): void {
  const [startButton, pauseButton, stopButton] = ['start', 'pause', 'stop'].map((id) => byId(id, HTMLButtonElement));
  byId('settings', HTMLFormElement).addEventListener('submit', (event) => {
    event.preventDefault();
    const defaults = opened.value?.defaults;
    if (defaults) void train(trainingRequest(defaults.dropout));
  });
  pauseButton.addEventListener('click', () => {
    void (phase.value === 'paused' ? resume() : pause());
  });
  stopButton.addEventListener('click', () => {
    void stop();
  });
  effect(() => {
    startButton.disabled = phase.value !== 'idle';
    pauseButton.disabled = phase.value !== 'training' && phase.value !== 'paused';
    setText(pauseButton, phase.value === 'paused' ? 'Resume' : 'Pause');
    stopButton.disabled = !running.value || phase.value === 'stopping';
    const stage = byId('stage', HTMLElement);
    setText(stage, STAGES[phase.value]);
    stage.dataset.phase = phase.value;
  });
  effect(() => {
    setText(byId('status', HTMLElement), status.value);
  });
  figures();
}

function figures(): void {
  const [epoch, speed, left, held] = ['epoch', 'speed', 'left', 'held'].map((name) =>
    byId(`stat-${name}`, HTMLElement),
  );
  const bar = byId('bar', HTMLProgressElement);
  effect(() => {
    const now = progress.value;
    bar.value = now ? now.step / now.steps : 0;
    setText(epoch, now ? `${now.epoch + 1} / ${now.epochs}` : '–');
    setText(speed, now ? thousands(now.imagesPerSecond) : '–');
    setText(left, now ? clock(now.secondsLeft) : '–');
    const share = now ? `${percent(now.step / now.steps, 0)} trained · ` : '';
    document.title = `${running.value ? share : ''}wgrad reads digits`;
  });
  effect(() => {
    setText(held, look.value ? percent(look.value.assessment.accuracy) : '–');
  });
}
