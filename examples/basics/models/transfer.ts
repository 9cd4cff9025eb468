// Transfer: layers that one task taught to see strokes are frozen, and a new head learns signs made of two strokes.
import { add, argmax, capture, eq, mean, mul, nn, open, optim, randn, tensor, toSafetensors, type Tensor } from 'wgrad';

const SIZE = 12;
const device = await open({ seed: 7 });

/** Whether a pixel is on a stroke, by its distance to the right of and below the middle. */
const strokes: Partial<Record<string, (x: number, y: number) => boolean>> = {
  '-': (_, y) => y === 0,
  '|': (x) => x === 0,
  '/': (x, y) => x === -y,
  '\\': (x, y) => x === y,
};
type Examples = [pictures: Tensor, labels: Tensor<'int32'>];

/** Noisy pictures [count, 1, SIZE, SIZE] of signs in several places, and which sign each one shows [count]. */
function draw(signs: string[], count: number): Examples {
  const labels = Int32Array.from({ length: count }, (_, i) => i % signs.length);
  const pictures = Array.from(labels, (label, i) => {
    const [column, row] = [3 + ((i * 5) % 7), 3 + ((i * 3) % 6)]; // of the sign's middle
    return Array.from({ length: SIZE ** 2 }, (_, pixel) => {
      const [x, y] = [(pixel % SIZE) - column, Math.floor(pixel / SIZE) - row];
      const inside = Math.max(Math.abs(x), Math.abs(y)) <= 3;
      return Number(inside && Array.from(signs[label] ?? '').some((stroke) => strokes[stroke]?.(x, y)));
    });
  });
  const shape = [count, 1, SIZE, SIZE];
  return [add(tensor(pictures.flat(), { shape }), mul(randn(shape), 0.3)), tensor(labels)];
}

function fit(model: nn.Module, optimizer: optim.Optimizer, [pictures, labels]: Examples, steps: number): void {
  const step = capture(() => {
    nn.crossEntropy(model.forward(pictures), labels).backward();
    optimizer.step();
  });
  for (let i = 0; i < steps; i++) step();
}

const accuracy = async (model: nn.Module, [pictures, labels]: Examples): Promise<string> =>
  (await mean(eq(argmax(model.eval().forward(pictures), 1), labels)).item()).toFixed(3);

const block = (from: number, to: number) => [
  nn.conv2d(from, to, 5, { padding: 'same', bias: false }),
  nn.batchNorm2d(to),
  nn.relu(),
];
const features = nn.sequential(...block(1, 8), ...block(8, 16), nn.globalAvgPool2d(), nn.flatten());
const first = nn.sequential(features, nn.linear(16, 4));
const alphabet = Object.keys(strokes);
fit(first, optim.adam(first, { lr: 0.01 }), draw(alphabet, 256), 60);
console.log(`strokes: accuracy ${await accuracy(first, draw(alphabet, 256))}`);

// freeze() stops the parameters; the running statistics of batchNorm2d only stop in evaluation mode.
features.freeze().eval();
const before = await toSafetensors(features.stateDict());
const signs = ['-|', '/\\', '-/', '|\\'];
const head = nn.linear(16, signs.length);
const second = nn.sequential(features, head);
fit(second, optim.adam(head, { lr: 0.05 }), draw(signs, 32), 100);
console.log(`signs, from 32 examples: accuracy ${await accuracy(second, draw(signs, 256))}`);

const after = await toSafetensors(features.stateDict());
console.log(`the features are the same, bit for bit: ${Buffer.compare(before, after) === 0}`);
device.destroy();
