import { capture, nn, optim, tensor, type Device } from 'wgrad';
import { ADAM, makeBatch, network } from './network';
import { median } from './numbers';

/** What a replay of the captured step costs the host: everything but waiting for the GPU. */
export interface HostTime {
  readonly batch: number;
  readonly dispatches: number;
  /** Median of back-to-back replays, milliseconds. */
  readonly ms: number;
  readonly samples: readonly number[];
  /** Median of replays for which the host has just waited, milliseconds: the work on its cores has emptied its caches. */
  readonly afterWaitMs: number;
  readonly afterWaitSamples: readonly number[];
}

/** Replays that are submitted before the host waits for the GPU. */
const IN_A_ROW = 10;

/** Each replay is timed until it is in the GPU's queue. */
export async function measureHostTime(device: Device, batch: number, replays: number): Promise<HostTime> {
  const { images, labels } = makeBatch(batch);
  const x = tensor(images, { shape: [batch, 1, 28, 28] });
  const y = tensor(labels);
  const model = network(true);
  const adam = optim.adam(model.parameters(), { lr: ADAM.lr });
  const step = capture((inputs: typeof x, targets: typeof y) => {
    nn.crossEntropy(model.forward(inputs), targets).backward();
    adam.step();
  });
  const replay = (): number => {
    const start = performance.now();
    step(x, y);
    return performance.now() - start;
  };
  // The first run records, the second one is the host's own warm-up.
  for (let i = 0; i < 2; i++) {
    replay();
    await device.finish();
  }
  const samples: number[] = [];
  const afterWaitSamples: number[] = [];
  for (let i = 0; i < replays; i++) {
    const ms = replay();
    (i % IN_A_ROW === 0 ? afterWaitSamples : samples).push(ms);
    if (i % IN_A_ROW === IN_A_ROW - 1) await device.finish();
  }
  await device.finish();
  const { dispatches } = step;
  step.dispose();
  adam.dispose();
  for (const owner of [model, x, y]) owner.dispose();
  return { batch, dispatches, ms: median(samples), samples, afterWaitMs: median(afterWaitSamples), afterWaitSamples };
}
