import { jit, numpy as np, random, valueAndGrad, type Array as JaxArray } from '@jax-js/jax';
import type { StepInputs, StepNetwork } from '../library';
import { ADAM, BATCH_NORM, CLASSES } from '../network';
import { finish } from './jaxjs-kernels';
import { DROPOUTS, lossOf, STATISTICS } from './jaxjs-network';
import { oneHot } from './layout';

// A type, not an interface: jax-js takes only those apart.
type State = {
  weights: JaxArray[];
  means: JaxArray[];
  squares: JaxArray[];
  running: JaxArray[];
  steps: JaxArray;
};

/** Adam (Kingma and Ba 2015), written out: jax-js has its optimizers in a package of their own. */
function adam({ weights, means, squares }: State, gradients: readonly JaxArray[], steps: JaxArray) {
  const { lr, beta1, beta2, eps } = ADAM;
  const rest = (beta: number): JaxArray => np.power(beta, steps.ref).neg().add(1);
  const [rest1, rest2] = [rest(beta1), rest(beta2)];
  const next: Pick<State, 'weights' | 'means' | 'squares'> = { weights: [], means: [], squares: [] };
  for (const [i, gradient] of gradients.entries()) {
    const mean = means[i].mul(beta1).add(gradient.ref.mul(1 - beta1));
    const square = squares[i].mul(beta2).add(np.square(gradient).mul(1 - beta2));
    next.means.push(mean.ref);
    next.squares.push(square.ref);
    const divisor = np.sqrt(square.div(rest2.ref)).add(eps);
    next.weights.push(weights[i].sub(mean.div(rest1.ref).mul(lr).div(divisor)));
  }
  rest1.dispose();
  rest2.dispose();
  return next;
}

const trainingStep = () =>
  jit((state: State, images: JaxArray, labels: JaxArray, keys: JaxArray, keeps: JaxArray) => {
    const compute = valueAndGrad((weights) => lossOf(weights, images, labels, keys, keeps), { hasAux: true });
    const [[loss, statistics], gradients] = compute(state.weights.map((weight) => weight.ref));
    const steps = state.steps.add(1);
    const { momentum } = BATCH_NORM;
    const running = state.running.map((value, i) => value.mul(1 - momentum).add(statistics[i].mul(momentum)));
    return { loss, state: { ...adam(state, gradients, steps), running, steps } };
  });

export function stepNetwork({ batch, images, labels, weights }: StepInputs): StepNetwork {
  const x = np.array(images, { shape: [batch, 1, 28, 28] });
  const y = np.array(oneHot(labels, CLASSES), { shape: [batch, CLASSES] });
  const step = trainingStep();
  let keeps = np.array(new Float32Array(DROPOUTS.length).fill(1));
  let state: State = {
    weights: weights.map(({ shape, values }) => np.array(values, { shape })),
    means: weights.map(({ shape }) => np.zeros(shape)),
    squares: weights.map(({ shape }) => np.zeros(shape)),
    running: STATISTICS.map((shape, i) => (i % 2 === 0 ? np.zeros(shape) : np.ones(shape))),
    steps: np.array(0, { dtype: 'float32' }),
  };
  let latest: JaxArray | null = null;
  let compiled = false;
  let seed = 0;
  return {
    run: () => {
      latest?.dispose();
      const keys = random.split(random.key(seed++), DROPOUTS.length);
      const next = step(state, x.ref, y.ref, keys, keeps.ref);
      state = next.state;
      latest = next.loss;
      // The first time `loss()` dispatches: that way the pipelines are compiled side by side.
      if (compiled) latest.ref.gpuBufferSync();
    },
    finish,
    async loss() {
      if (!latest) throw new Error('jax-js: no step has run');
      const [value] = await latest.ref.data();
      compiled = true;
      return value;
    },
    enableDropout: () => {
      keeps.dispose();
      keeps = np.array(Float32Array.from(DROPOUTS, (rate) => 1 - rate));
    },
    dispose: () => {
      const { weights: own, means, squares, running, steps } = state;
      for (const array of [...own, ...means, ...squares, ...running, steps, x, y, keeps]) array.dispose();
      latest?.dispose();
    },
  };
}
