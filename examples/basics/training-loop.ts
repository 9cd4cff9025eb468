// A training loop written out: batches from a shuffling loader, a captured step with clipped gradients, a learning-rate
// schedule and an evaluation after each epoch. `train.fit()` does the same in one call.
import { capture, data, nn, open, optim, train, type Tensor } from 'wgrad';

const device = await open({ seed: 7 });

// Points in the square; the class says whether a point lies in the ring 0.4 < r < 0.8.
function ring(count: number, seed: number): data.Dataset {
  const bits = data.shuffledOrder(2 * count, seed, 0); // a permutation of 0 … 2·count - 1
  const inputs = Float32Array.from(bits, (i) => i / count - 1); // in [-1, 1)
  const radius = (i: number) => Math.hypot(inputs[2 * i] ?? 0, inputs[2 * i + 1] ?? 0);
  const labels = Int32Array.from({ length: count }, (_, i) => Number(Math.abs(radius(i) - 0.6) < 0.2));
  return data.dataset({ inputs, shape: [2], labels });
}

const batches = data.loader(ring(2048, 1), { batchSize: 64, shuffle: true, dropLast: true });
const held = data.loader(ring(512, 2), { batchSize: 256 });
const model = nn.sequential(nn.linear(2, 32), nn.relu(), nn.linear(32, 32), nn.relu(), nn.linear(32, 2));
const adamW = optim.adamW(model.parameters(), { lr: 0.02 });
const schedule = optim.cosineAnnealingLR(adamW, { tMax: 20 });

const step = capture((inputs: Tensor, labels: Tensor) => {
  const loss = nn.crossEntropy(model.forward(inputs), labels);
  loss.backward();
  optim.clipGradNorm(model.parameters(), 1);
  adamW.step(); // reads the learning rate anew in each replay
  return loss;
});

for (let epoch = 0; epoch < 20; epoch++) {
  for await (const [inputs, labels] of batches) step(inputs, labels);
  schedule.step();
  const { loss, accuracy } = await train.evaluate(model, held, 2);
  console.log(`epoch ${epoch}: loss ${loss.toFixed(3)}, accuracy ${accuracy.toFixed(3)}, lr ${adamW.lr.toFixed(4)}`);
}
device.destroy();
