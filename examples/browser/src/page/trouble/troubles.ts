import { messageOf } from '../format';
import type { Trouble } from '../state';

const GET_WEBGPU = [
  'Use a current Chrome, Edge, Firefox or Safari; on a phone Chrome, or Safari from iOS 26 on.',
  'Open the page from https:// or localhost: elsewhere browsers hide WebGPU.',
  'Switch hardware acceleration on in the browser’s settings, and update the GPU driver.',
  'On Linux, Chrome may need chrome://flags/#enable-unsafe-webgpu and a Vulkan driver.',
];

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : '');

/** Why the page could not start. */
export function openingTrouble(error: unknown): Trouble {
  if (nameOf(error) === 'WebGPUUnavailableError') {
    return { title: 'No WebGPU here', text: messageOf(error).replace(/^open: /, ''), advice: GET_WEBGPU };
  }
  return {
    title: 'The GPU could not be opened',
    text: messageOf(error),
    advice: ['Start again; if that does not help, close other tabs that use the GPU, or restart the browser.'],
  };
}

/** The device was lost while the page was in use. */
export function lostTrouble(message: string, wasRunning: boolean, hasWeights: boolean): Trouble {
  return {
    title: 'The GPU was lost',
    text: `${wasRunning ? 'The training has stopped. ' : ''}${message}.`,
    advice: [
      hasWeights ? 'The last complete weights are safe: start again to continue with them.' : 'Start again to open it.',
    ],
  };
}

export const isLost = (error: unknown): boolean => nameOf(error) === 'DeviceLostError';
