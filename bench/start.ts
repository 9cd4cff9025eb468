import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { capture, nn, open, optim, tensor, type MemoryStats } from 'wgrad';
import { ADAM, makeBatch, network, stateBytes } from './network';

/** How long a program takes to start training, measured in a process of its own. */
export interface Start {
  /** From `open()` to a device, milliseconds. */
  readonly openMs: number;
  /** From `open()` until the GPU has finished the first step. */
  readonly firstStepMs: number;
  /** After the second step. */
  readonly memory: MemoryStats;
  /** Bytes of parameters, gradients and Adam's moments. */
  readonly stateBytes: number;
}

export interface StartOptions {
  readonly batch: number;
  readonly captured: boolean;
}

/** The first two steps of a training. */
export async function start({ batch, captured }: StartOptions): Promise<Start> {
  const { images, labels } = makeBatch(batch);
  const began = performance.now();
  const device = await open({ powerPreference: 'high-performance', tune: 'off' });
  const openMs = performance.now() - began;
  const model = network(true);
  const adam = optim.adam(model.parameters(), { lr: ADAM.lr });
  const x = tensor(images, { shape: [batch, 1, 28, 28] });
  const y = tensor(labels);
  const eager = (input: typeof x, target: typeof y): void => {
    const loss = nn.crossEntropy(model.forward(input), target);
    loss.backward();
    adam.step();
    loss.dispose();
  };
  const step = captured ? capture(eager) : eager;
  step(x, y);
  await device.finish();
  const firstStepMs = performance.now() - began;
  step(x, y);
  await device.finish();
  const { memory } = device;
  device.destroy();
  return { openMs, firstStepMs, memory, stateBytes: stateBytes(model) };
}

/** The variables that say where drivers keep the shaders that they have compiled: Mesa's and NVIDIA's. */
const cachesIn = (folder: string) => ({
  HOME: folder,
  XDG_CACHE_HOME: folder,
  MESA_SHADER_CACHE_DIR: folder,
  __GL_SHADER_DISK_CACHE_PATH: folder,
});

/** Runs this program again, for `--start`, with its driver's caches in `folder`. */
function startInChild({ batch, captured }: StartOptions, folder: string): Promise<Start> {
  const args = [...process.execArgv, process.argv[1], '--start', `${batch},${captured ? 'captured' : 'eager'}`];
  const env = { ...process.env, ...cachesIn(folder) };
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const text = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (part: string) => (text.out += part));
  child.stderr.setEncoding('utf8').on('data', (part: string) => (text.err += part));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(JSON.parse(text.out) as Start);
      else reject(new Error(`the start at batch ${batch} ended with code ${String(code)}: ${text.err.trim()}`));
    });
  });
}

/** Starts in empty caches, and again in the caches that they leave. */
export interface StartResult {
  readonly cold: readonly Start[];
  readonly warm: readonly Start[];
}

export async function measureStarts(times: number, batch: number): Promise<StartResult> {
  const result = { cold: [] as Start[], warm: [] as Start[] };
  for (let i = 0; i < times; i++) {
    const folder = mkdtempSync(join(tmpdir(), 'wgrad-bench-'));
    try {
      result.cold.push(await startInChild({ batch, captured: true }, folder));
      result.warm.push(await startInChild({ batch, captured: true }, folder));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return result;
}

/** What a training holds on the GPU. */
export interface MemoryResult extends StartOptions, MemoryStats {
  readonly stateBytes: number;
}

export async function measureMemory(batches: readonly number[]): Promise<MemoryResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'wgrad-bench-'));
  const results: MemoryResult[] = [];
  try {
    for (const batch of batches) {
      for (const captured of [true, false]) {
        const { memory, stateBytes: bytes } = await startInChild({ batch, captured }, folder);
        results.push({ batch, captured, stateBytes: bytes, ...memory });
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return results;
}
