// A generative adversarial network: two networks that train against each other. The discriminator learns to tell the points of
// the data from those that the generator makes, and the generator learns from it to make points like the data's.
import { add, bceWithLogits, capture, cast, cos, mul, nn, onesLike, open, optim, randint, randn, sin } from 'wgrad';
import { arange, lt, mean, noGrad, reshape, sqrt, square, stack, sub, sum, tidy, zerosLike, type Tensor } from 'wgrad';

const PLACES = 4; // on a circle, around which the points of the data lie
const BATCH = 128;

/** The places [N, 2] with these numbers [N]. */
function places(numbers: Tensor): Tensor {
  const angles = mul(numbers, (2 * Math.PI) / PLACES);
  return stack([cos(angles), sin(angles)], 1);
}

/** Points of the data, [N, 2]. */
function real(count: number): Tensor {
  const numbers = cast(randint(0, PLACES, [count]), 'float32');
  return add(places(numbers), mul(randn([count, 2]), 0.15));
}

const device = await open({ seed: 7 });
const generator = nn.sequential(nn.linear(4, 64), nn.relu(), nn.linear(64, 64), nn.relu(), nn.linear(64, 2));
const leaky = () => nn.leakyRelu(0.2);
const discriminator = nn.sequential(nn.linear(2, 64), leaky(), nn.linear(64, 64), leaky(), nn.linear(64, 1));
const made = (count: number) => generator.forward(randn([count, 4]));

// Without momentum (the first beta) and with a falling rate neither network chases the other in circles.
const adamD = optim.adam(discriminator, { lr: 0.002, betas: [0, 0.9] });
const adamG = optim.adam(generator, { lr: 0.002, betas: [0, 0.9] });
const schedules = [adamD, adamG].map((adam) => optim.cosineAnnealingLR(adam, { tMax: 1000 }));

const step = capture(() => {
  // The discriminator's turn: 1 for real points, 0 for made ones. detach() keeps the generator out of it.
  const yes = discriminator.forward(real(BATCH));
  const no = discriminator.forward(made(BATCH).detach());
  adamD.zeroGrad(); // drops the gradients that the generator's turn left here
  const lossD = add(bceWithLogits(yes, onesLike(yes)), bceWithLogits(no, zerosLike(no)));
  lossD.backward();
  adamD.step();
  // The generator's turn: made points should pass for real ones.
  const judged = discriminator.forward(made(BATCH));
  const lossG = bceWithLogits(judged, onesLike(judged));
  lossG.backward();
  adamG.step();
  return { lossD, lossG };
});

for (let i = 0; i < 1000; i++) {
  const { lossD, lossG } = step();
  for (const schedule of schedules) schedule.step();
  if (i % 250 > 0) continue;
  const [d, g] = [await lossD.item(), await lossG.item()];
  console.log(`step ${i}: loss of the discriminator ${d.toFixed(3)}, of the generator ${g.toFixed(3)}`);
}

/** The share of the points [N, 2] that is near each of the places. */
function nearby(points: Tensor): Tensor {
  const offsets = sub(reshape(points, [-1, 1, 2]), places(arange(PLACES))); // [N, PLACES, 2]
  return mean(lt(sqrt(sum(square(offsets), 2)), 0.35), 0);
}
const shares = tidy(() => noGrad(() => [nearby(real(1000)), nearby(made(1000))] as const));
const [ofReal, ofMade] = await Promise.all(
  shares.map(async (share) => Array.from(await share.data(), (value) => value.toFixed(2)).join(' ')),
);
console.log(`real points near each place: ${ofReal}`);
console.log(`made points near each place: ${ofMade}`);
device.destroy();
