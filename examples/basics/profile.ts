// Where does the time of a training step go? A table of kernels, and a trace for https://ui.perfetto.dev.
import { writeFile } from 'node:fs/promises';
import { capture, nn, open, optim, profile, rand, tensor, type Tensor } from 'wgrad';

const device = await open({ seed: 7 });
const model = nn.sequential(
  nn.conv2d(1, 8, 3, { padding: 'same' }),
  nn.relu(),
  nn.maxPool2d(2),
  nn.flatten(),
  nn.linear(8 * 14 * 14, 10),
);
const adam = optim.adam(model.parameters());
const images = rand([32, 1, 28, 28]);
const labels = tensor(Int32Array.from({ length: 32 }, (_, i) => i % 10));

const step = capture((images: Tensor, labels: Tensor) => {
  nn.crossEntropy(model.forward(images), labels).backward();
  adam.step();
});

step(images, labels); // the first call compiles the kernels and records
const profiled = await profile(() => {
  for (let i = 0; i < 5; i++) step(images, labels);
});

console.log(profiled.table());
await writeFile('trace.json', profiled.trace());

// The same as data.
const { dispatches, submits } = profiled.totals;
console.log(`${dispatches / 5} dispatches per step, ${submits} submits`);
device.destroy();
