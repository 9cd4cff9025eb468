// A recurrent network from its parts: an LSTM cell whose forward() takes a state and returns the next one. It learns the running
// parity of bits (is the number of ones so far odd?), which needs a memory, and keeps it up on sequences of four times the length.
import { add, capture, concat, cumsum, eq, floor, gt, mean, mul, nn, noGrad, open, optim, randint } from 'wgrad';
import { cast, sigmoid, split, sub, tanh, tidy, zeros, type Tensor } from 'wgrad';

/** What the cell hands from one time to the next: its output and its memory, both [N, width]. */
type State = readonly [h: Tensor, c: Tensor];

class LstmCell extends nn.Module {
  readonly gates: nn.Linear;

  constructor(
    inputs: number,
    readonly width: number,
  ) {
    super();
    this.gates = nn.linear(inputs + width, 4 * width);
  }

  override forward(x: Tensor, [h, c]: State): State {
    const { width } = this;
    const all = this.gates.forward(concat([x, h], 1)); // [N, 4 · width]
    const [input, forget, output, candidate] = split(all, [width, width, width, width], 1);
    const next = add(mul(sigmoid(forget), c), mul(sigmoid(input), tanh(candidate)));
    return [mul(sigmoid(output), tanh(next)), next];
  }
}

class Parity extends nn.Module {
  readonly cell = new LstmCell(1, 16);
  readonly head = nn.linear(16, 1);

  /** Logits [N, T] for the bits [N, T]. */
  override forward(bits: Tensor): Tensor {
    const start = zeros([bits.shape[0] ?? 0, this.cell.width]);
    let state: State = [start, start];
    const logits = split(bits, 1, 1).map((x) => {
      state = this.cell.forward(x, state);
      return this.head.forward(state[0]);
    });
    return concat(logits, 1);
  }
}

/** Random bits [N, T], and whether the number of ones up to each of them is odd. */
function sequences(count: number, length: number): [bits: Tensor, odd: Tensor] {
  const bits = cast(randint(0, 2, [count, length]), 'float32');
  const half = mul(cumsum(bits, 1), 0.5);
  return [bits, mul(sub(half, floor(half)), 2)];
}

const device = await open({ seed: 7 });
const model = new Parity();
const adam = optim.adam(model, { lr: 0.01 });

const step = capture(() => {
  const [bits, odd] = sequences(64, 8); // other ones at every step
  const loss = nn.bceWithLogits(model.forward(bits), odd);
  loss.backward();
  optim.clipGradNorm(model.parameters(), 1);
  adam.step();
  return loss;
});
for (let i = 0; i <= 300; i++) {
  const loss = step();
  if (i % 100 === 0) console.log(`step ${i}: loss ${(await loss.item()).toFixed(4)}`);
}

const accuracy = tidy(() =>
  noGrad(() => {
    const [bits, odd] = sequences(256, 32);
    return mean(eq(gt(model.forward(bits), 0), odd));
  }),
);
console.log(`accuracy on 32 bits: ${(await accuracy.item()).toFixed(4)}`);
device.destroy();
