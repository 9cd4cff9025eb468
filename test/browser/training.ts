import { crossEntropy, open, optim, setDefaultDevice, tensor } from 'wgrad';
import { mnistModel } from '../../examples/model';
import { numbers } from '../support/numbers';

export interface Training {
  /** Architecture of the adapter. */
  readonly adapter: string;
  readonly subgroupSize: number;
  readonly losses: number[];
  /** Parameters and running statistics at the end, by name. */
  readonly state: Record<string, number[]>;
}

const [STEPS, BATCH] = [8, 6];

/** A short training of a small network with everything that the MNIST example has, on a device of its own. */
export async function train(): Promise<Training> {
  const device = await open({ seed: 7, tune: 'off' });
  setDefaultDevice(device);
  const model = mnistModel({ channels: [4, 6], dense: [16, 12] });
  const optimizer = optim.adam(model.parameters(), { lr: 1e-2 });
  const losses: number[] = [];
  for (let step = 0; step < STEPS; step++) {
    const images = tensor(numbers(BATCH * 784, step), { shape: [BATCH, 1, 28, 28] });
    const labels = tensor(Int32Array.from({ length: BATCH }, (_, i) => (i * 7 + step) % 10));
    optimizer.zeroGrad();
    const loss = crossEntropy(model.forward(images), labels);
    loss.backward();
    optimizer.step();
    losses.push(await loss.item());
  }
  const state: Record<string, number[]> = {};
  for (const [name, value] of Object.entries(model.stateDict())) state[name] = [...(await value.data())];
  const { architecture, subgroupSize } = device.info;
  device.destroy();
  return { adapter: architecture, subgroupSize, losses, state };
}
