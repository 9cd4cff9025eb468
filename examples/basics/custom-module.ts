// A module of your own: a residual block with a learned scale, in a network that learns to multiply two numbers.
import { add, concat, mul, nn, open, optim, rand, sub, tidy, zeros, type Tensor } from 'wgrad';

class Residual extends nn.Module {
  // Modules in properties are children: their parameters are named after the property, such as `body.0.weight`.
  readonly body: nn.Sequential;
  // A parameter of its own. It starts at 0, so that the block is the identity at first.
  readonly scale = this.parameter('scale', zeros([1]));

  constructor(width: number) {
    super();
    this.body = nn.sequential(nn.linear(width, width), nn.tanh(), nn.linear(width, width));
  }

  override forward(x: Tensor): Tensor {
    return add(x, mul(this.body.forward(x), this.scale));
  }
}

const device = await open({ seed: 7 });
const model = nn.sequential(nn.linear(2, 16), new Residual(16), new Residual(16), nn.linear(16, 1));
console.log(Object.keys(model.stateDict()).join(' '));

const [a, b] = [rand([512, 1]), rand([512, 1])].map((x) => sub(mul(x, 2), 1)) as [Tensor, Tensor]; // in [-1, 1)
const inputs = concat([a, b], 1); // [512, 2]
const products = mul(a, b); // [512, 1]
const adam = optim.adam(model.parameters(), { lr: 0.01 });

for (let step = 0; step <= 300; step++) {
  const loss = tidy(() => {
    const loss = nn.mseLoss(model.forward(inputs), products);
    loss.backward();
    adam.step();
    return loss;
  });
  if (step % 100 === 0) console.log(`step ${step}: loss ${(await loss.item()).toFixed(5)}`);
  loss.dispose();
}
device.destroy();
