import { capture, nn, optim, tensor, type Device } from 'wgrad';
import { ADAM, makeBatch, network } from './network';
import { median } from './numbers';

/** What a replay of the captured step costs the host: everything but waiting for the GPU. */
export interface HostTime {
  readonly batch: number;
  readonly dispatches: number;
  /** Median, milliseconds. */
  readonly ms: number;
  readonly samples: readonly number[];
}

/** Each replay begins with an idle GPU and is timed until it is in the GPU's queue. */
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
  const samples: number[] = [];
  // The first run records, the second one is the host's own warm-up.
  for (let i = 0; i < replays + 2; i++) {
    await device.finish();
    const start = performance.now();
    step(x, y);
    device.stream.flush();
    if (i >= 2) samples.push(performance.now() - start);
  }
  await device.finish();
  const { dispatches } = step;
  step.dispose();
  adam.dispose();
  for (const owner of [model, x, y]) owner.dispose();
  return { batch, dispatches, ms: median(samples), samples };
}
