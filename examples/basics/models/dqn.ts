// Deep Q-learning on CartPole: a cart learns to balance a pole, from nothing but a reward for each step that it stands.
import { add, argmax, capture, gather, mul, nn, noGrad, open, optim, tensor, type Tensor } from 'wgrad';

const [CARTS, BATCH, CAPACITY, DISCOUNT] = [16, 128, 10_000, 0.97];
const device = await open({ seed: 7 });
let state = 7;
const random = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32; // [0, 1), the same each run

type Cart = [position: number, speed: number, angle: number, turning: number];
const newCart = () => Array.from({ length: 4 }, () => random() * 0.1 - 0.05) as Cart;

/** The cart 0.02 s after a push to the left (0) or the right (1), as in Barto, Sutton and Anderson (1983). */
function push([position, speed, angle, turning]: Cart, action: number): Cart {
  const [sin, cos] = [Math.sin(angle), Math.cos(angle)];
  const force = ((action ? 10 : -10) + 0.05 * turning ** 2 * sin) / 1.1;
  const turn = (9.8 * sin - cos * force) / (0.5 * (4 / 3 - (0.1 * cos ** 2) / 1.1));
  const gain = force - (0.05 * turn * cos) / 1.1;
  return [position + 0.02 * speed, speed + 0.02 * gain, angle + 0.02 * turning, turning + 0.02 * turn];
}
const fallen = ([position, , angle]: Cart) => Math.abs(position) > 2.4 || Math.abs(angle) > 0.21;

// From states [batch, 4], the value of each action [batch, 2]: the discounted sum of the rewards to come.
const online = nn.sequential(nn.linear(4, 64), nn.relu(), nn.linear(64, 64), nn.relu(), nn.linear(64, 2));
const target = online.clone().freeze(); // an older copy: a network that learned from itself would chase its own errors
const adam = optim.adam(online, { lr: 0.001 });

const act = capture((carts: Tensor) => noGrad(() => argmax(online.forward(carts), 1)));
const learn = capture((before: Tensor, actions: Tensor<'int32'>, after: Tensor, standing: Tensor) => {
  const value = gather(online.forward(before), 1, actions); // [BATCH, 1]
  // Which action is best says one network, what it is worth the other: else its errors would add up.
  const next = noGrad(() => argmax(online.forward(after), 1, true));
  const future = mul(gather(target.forward(after), 1, next), standing); // nothing comes after a fall
  nn.mseLoss(value, add(mul(future, DISCOUNT), 1)).backward();
  adam.step();
});

const greedyActions = async (carts: Cart[]) => Array.from(await act(tensor(carts)).data());

/** For how many of 200 steps the carts stand on average, when each does what the network thinks best. */
async function evaluate(): Promise<number> {
  let [carts, steps] = [Array.from({ length: CARTS }, newCart), 0];
  for (let step = 0; step < 200 && carts.length > 0; step++) {
    const actions = await greedyActions(carts);
    carts = carts.map((cart, i) => push(cart, actions[i] ?? 0)).filter((cart) => !fallen(cart));
    steps += carts.length;
  }
  return steps / CARTS;
}

console.log(`before: stands for ${(await evaluate()).toFixed(0)} of 200 steps`);
const replay: { before: Cart; action: number; after: Cart }[] = [];
const sample = () => Array.from({ length: BATCH }).flatMap(() => replay[Math.floor(random() * replay.length)] ?? []);
let carts = Array.from({ length: CARTS }, newCart);
for (let step = 0; step < 400; step++) {
  const exploring = Math.max(0.05, 1 - step / 200);
  const greedy = await greedyActions(carts);
  carts = carts.map((before, i) => {
    const action = random() < exploring ? Math.floor(random() * 2) : (greedy[i] ?? 0);
    const after = push(before, action);
    replay[(step * CARTS + i) % CAPACITY] = { before, action, after };
    return fallen(after) ? newCart() : after;
  });
  for (const batch of [sample(), sample(), sample()]) {
    const [before, after] = [batch.map((transition) => transition.before), batch.map((transition) => transition.after)];
    const actions = Int32Array.from(batch, ({ action }) => action);
    const standing = after.map((cart) => [Number(!fallen(cart))]);
    learn(tensor(before), tensor(actions, { shape: [BATCH, 1] }), tensor(after), tensor(standing));
  }
  if (step % 10 === 0) target.loadStateDict(online.stateDict());
}
console.log(`after: stands for ${(await evaluate()).toFixed(0)} of 200 steps`);
device.destroy();
