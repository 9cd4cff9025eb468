import { crossEntropy, data, nn, open, optim, setDefaultDevice, tensor, train as training } from 'wgrad';
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

const column = (values: Float32Array) => ({ data: values, shape: [1] });

/** A stream of seven inputs with a target each. */
async function* examples(epoch: number) {
  for (let i = 0; i < 7; i++) yield [await Promise.resolve(numbers(4, epoch + i)), [i / 7]] as const;
}

/** A short training of a small network with everything that the MNIST example has, and of another by `fit`. */
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
  const regression = nn.sequential(nn.linear(4, 8), nn.relu(), nn.dropout(0.2), nn.linear(8, 1));
  for (const loader of [
    data.loader(data.dataset({ data: numbers(4 * 14, 1), shape: [4] }, column(numbers(14, 2))), {
      batchSize: 4,
      shuffle: true,
    }),
    data.loader(data.dataset(examples), { batchSize: 3 }),
  ]) {
    const summaries = await training.fit({
      model: regression,
      optimizer: optim.adam(regression.parameters()),
      loader,
      epochs: 2,
      loss: (output, target) => nn.mseLoss(output, target),
    });
    losses.push(...summaries.map(({ loss }) => loss));
  }
  const state: Record<string, number[]> = {};
  for (const [name, value] of Object.entries(nn.sequential(model, regression).stateDict()))
    state[name] = [...(await value.data())];
  const { architecture, subgroupSize } = device.info;
  device.destroy();
  return { adapter: architecture, subgroupSize, losses, state };
}
