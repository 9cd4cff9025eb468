// How far the functions of an adapter are from float64, in units of the last place (ulp) of the right result. docs/numerics.md holds
// what this prints: npm run accuracy, with WGRAD_ADAPTER=swiftshader for the other adapter.
import {
  abs,
  cos,
  defaultDevice,
  exp,
  gelu,
  hardswish,
  log,
  open,
  pow,
  sigmoid,
  silu,
  sin,
  softplus,
  sqrt,
  tanh,
  tensor,
  type Tensor,
} from 'wgrad';

/** The distance from |x| to the next float32. */
const ulpOf = (x: number): number => 2 ** (Math.max(Math.floor(Math.log2(Math.abs(x))), -126) - 23);

/** erf by its power series, for |x| <= 4. */
function erf(x: number): number {
  let sum = 0;
  let term = x;
  for (let n = 0; n < 120; n++) {
    sum += term / (2 * n + 1);
    term *= -(x * x) / (n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

const sigmoidOf = (x: number): number => 1 / (1 + Math.exp(-x));

interface Case {
  readonly name: string;
  readonly op: (x: Tensor) => Tensor;
  readonly exact: (x: number) => number;
  readonly from: number;
  readonly to: number;
}

const CASES: readonly Case[] = [
  { name: 'exp', op: exp, exact: Math.exp, from: -80, to: 80 },
  { name: 'log', op: log, exact: Math.log, from: 2, to: 1e6 },
  { name: 'log', op: log, exact: Math.log, from: 1e-30, to: 0.5 },
  { name: 'sqrt', op: sqrt, exact: Math.sqrt, from: 1e-30, to: 1e30 },
  { name: 'pow(x, 2.5)', op: (x) => pow(x, 2.5), exact: (x) => x ** 2.5, from: 0.01, to: 100 },
  { name: 'sigmoid', op: sigmoid, exact: sigmoidOf, from: -20, to: 20 },
  { name: 'tanh', op: tanh, exact: Math.tanh, from: -5, to: 5 },
  { name: 'silu', op: silu, exact: (x) => x * sigmoidOf(x), from: -20, to: 20 },
  { name: 'gelu', op: gelu, exact: (x) => 0.5 * x * (1 + erf(x / Math.SQRT2)), from: 0, to: 5 },
  { name: 'hardswish', op: hardswish, exact: (x) => (x * Math.min(Math.max(x + 3, 0), 6)) / 6, from: -2.9, to: 10 },
  { name: 'softplus', op: softplus, exact: (x) => Math.log1p(Math.exp(x)), from: -20, to: 20 },
  { name: 'sin', op: sin, exact: Math.sin, from: -3.15, to: 3.15 },
  { name: 'sin', op: sin, exact: Math.sin, from: 1, to: 1e30 },
  { name: 'cos', op: cos, exact: Math.cos, from: -3.15, to: 3.15 },
  { name: 'cos', op: cos, exact: Math.cos, from: 1, to: 1e30 },
  { name: 'abs', op: abs, exact: Math.abs, from: -100, to: 100 },
];
const SAMPLES = 100_000;

await open();
const { vendor, architecture, description } = defaultDevice().info;
console.log([vendor, architecture, description].filter(Boolean).join(', '));
for (const { name, op, exact, from, to } of CASES) {
  // Evenly spread, over magnitudes where the range has many of them.
  const wide = from > 0 && to / from > 1e4;
  const x = Float32Array.from({ length: SAMPLES }, (_, i) => {
    const t = (i + 0.5) / SAMPLES;
    return wide ? from * (to / from) ** t : from + t * (to - from);
  });
  const y = await op(tensor(x)).data();
  let worst = 0;
  let at = 0;
  x.forEach((value, i) => {
    const right = exact(value);
    const error = Math.abs(y[i] - right) / ulpOf(right);
    if (error > worst) [worst, at] = [error, value];
  });
  console.log(`${name.padEnd(12)} [${from}, ${to}]: ${worst.toFixed(1)} ulp at ${at.toPrecision(6)}`);
}
