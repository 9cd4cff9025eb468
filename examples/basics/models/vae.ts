// A variational autoencoder. Its pictures show one soft dot: 64 numbers that depend on two, the dot's place. It finds that out.
import { add, capture, exp, mean, mul, nn, open, optim, rand, randnLike, reshape, square, sub, sum } from 'wgrad';
import { arange, div, keep, noGrad, split, tensor, tidy, variance, type Tensor } from 'wgrad';

const SIZE = 8; // of a picture, in each direction
const PIXELS = SIZE * SIZE;

/** Pictures [N, PIXELS], each with a dot somewhere. */
function dots(count: number): Tensor {
  const places = div(arange(SIZE), SIZE - 1); // from 0 to 1
  const bump = () => exp(mul(square(sub(places, rand([count, 1]))), -12)); // [N, SIZE]
  const product = mul(reshape(bump(), [count, SIZE, 1]), reshape(bump(), [count, 1, SIZE]));
  return reshape(product, [count, PIXELS]);
}

class Vae extends nn.Module {
  readonly encoder = nn.sequential(nn.linear(PIXELS, 64), nn.relu(), nn.linear(64, 4));
  readonly decoder = nn.sequential(nn.linear(2, 64), nn.relu(), nn.linear(64, PIXELS), nn.sigmoid());

  /** The pictures as they come back, [N, PIXELS], and what their codes cost in nats, [N, 2]. */
  override forward(x: Tensor): [pictures: Tensor, cost: Tensor] {
    // The code of a picture is drawn from a normal distribution of its own …
    const [mu, logVar] = split(this.encoder.forward(x), [2, 2], 1);
    const code = add(mu, mul(exp(mul(logVar, 0.5)), randnLike(mu)));
    // … and costs as much as that differs from the standard one (the Kullback-Leibler divergence).
    const cost = mul(sub(add(square(mu), exp(logVar)), add(logVar, 1)), 0.5);
    return [this.decoder.forward(code), cost];
  }
}

const device = await open({ seed: 7 });
const model = new Vae();
const adam = optim.adam(model, { lr: 0.005 });

const step = capture(() => {
  const x = dots(128); // new ones at every step
  const [pictures, cost] = model.forward(x);
  const error = mean(sum(square(sub(pictures, x)), 1));
  const nats = mean(sum(cost, 1));
  keep(error); // backward() frees what leads to the loss
  keep(nats);
  // The negative of the evidence lower bound (ELBO), for pixels with a noise of variance 1/20.
  add(mul(error, 10), nats).backward();
  adam.step();
  return { error, nats };
});
for (let i = 0; i <= 600; i++) {
  const { error, nats } = step();
  if (i % 200 > 0) continue;
  console.log(`step ${i}: error ${(await error.item()).toFixed(3)}, code ${(await nats.item()).toFixed(2)} nats`);
}

const [explained, drawn] = tidy(() =>
  noGrad(() => {
    const x = dots(512);
    const [pictures] = model.forward(x);
    const share = sub(1, div(mean(square(sub(pictures, x))), mean(variance(x, 0))));
    const codes = [-1, -0.5, 0, 0.5, 1].map((z) => [z, z]);
    return [share, model.decoder.forward(tensor(codes))] as const;
  }),
);
console.log(`explained variance of new pictures: ${(await explained.item()).toFixed(3)}`);

// Along a line through the codes the dot moves.
const pixels = Array.from(await drawn.data(), (value) => ' .:-=+*#%@'.charAt(Math.floor(value * 9.99)));
for (let y = 0; y < SIZE; y++) {
  const row = (picture: number) => pixels.slice(picture * PIXELS + y * SIZE).slice(0, SIZE);
  console.log([0, 1, 2, 3, 4].map((picture) => row(picture).join('')).join('|'));
}
device.destroy();
