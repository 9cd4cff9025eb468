import type { AdapterInfo } from 'wgrad';

/** A training run. */
export interface Settings {
  epochs: number;
  batchSize: number;
  lr: number;
  /** Whether to train on all 60,000 images rather than on the small set. */
  full: boolean;
  channels: readonly [number, number];
  dense: readonly [number, number];
  dropout: readonly [number, number];
}

const GPU: Settings = {
  epochs: 12,
  batchSize: 64,
  lr: 1e-3,
  full: true,
  channels: [32, 64],
  dense: [256, 128],
  dropout: [0.25, 0.4],
};
/** Fewer epochs need less dropout. */
const SOFTWARE: Settings = {
  epochs: 4,
  batchSize: 64,
  lr: 2e-3,
  full: false,
  channels: [32, 64],
  dense: [256, 128],
  dropout: [0.15, 0.25],
};
/** SwiftShader has a fifth of lavapipe's speed. */
const SLOW_SOFTWARE: Settings = {
  epochs: 3,
  batchSize: 32,
  lr: 2e-3,
  full: false,
  channels: [16, 32],
  dense: [128, 64],
  dropout: [0.1, 0.2],
};

/** Defaults that suit an adapter. */
export function defaultSettings({ kind, architecture, device, description }: AdapterInfo): Settings {
  if (kind === 'gpu') return GPU;
  return /swiftshader/i.test(`${architecture} ${device} ${description}`) ? SLOW_SOFTWARE : SOFTWARE;
}
