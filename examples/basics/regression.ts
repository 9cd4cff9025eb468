// Least squares twice: a cubic fitted to noisy points by gradient descent, and in closed form from the normal equations.
import { add, capture, concat, matmul, mul, nn, ones, open, optim, pow, rand, randn, sub, type Tensor } from 'wgrad';

const device = await open({ seed: 7 });
const t = sub(mul(rand([256, 1]), 2), 1); // in [-1, 1)
const y = add(add(sub(mul(pow(t, 3), 4), mul(t, 2)), 1), mul(randn([256, 1]), 0.1)); // 1 - 2t + 4t³ and noise
const x = concat([ones([256, 1]), t, pow(t, 2), pow(t, 3)], 1); // [256, 4]: the powers of t

// Gradient descent: the model is one weight for each power.
const model = nn.linear(4, 1, { bias: false });
const sgd = optim.sgd(model, { lr: 0.2, momentum: 0.9 });
const step = capture((x: Tensor, y: Tensor) => {
  const loss = nn.mseLoss(model.forward(x), y);
  loss.backward();
  sgd.step();
  return loss;
});
for (let i = 0; i <= 200; i++) {
  const loss = step(x, y);
  if (i % 50 === 0) console.log(`step ${i}: loss ${(await loss.item()).toFixed(5)}`);
}

/** Solves a · w = b for a symmetric positive definite matrix `a` [n, n], by elimination. */
function solve(a: Float32Array, b: Float32Array): number[] {
  const n = b.length;
  // Rows of [a | b], in double precision; they become those of [identity | w].
  let rows = Array.from(b, (value, i) => [...a.subarray(i * n, (i + 1) * n), value]);
  for (let i = 0; i < n; i++) {
    const pivot = (rows[i] ?? []).map((value, _, row) => value / (row[i] ?? NaN));
    rows = rows.map((row, j) => (j === i ? pivot : row.map((value, k) => value - (row[i] ?? NaN) * (pivot[k] ?? NaN))));
  }
  return rows.map((row) => row[n] ?? NaN);
}

// Closed form: where the gradient of |x · w - y|² is zero, xᵀx · w = xᵀy. The products on the GPU, the small system here.
const xtx = matmul(x, x, { transposeA: true }); // [4, 4]
const xty = matmul(x, y, { transposeA: true }); // [4, 1]
const exact = solve(await xtx.data(), await xty.data());
const fitted = Array.from(await model.weight.data());

const line = (values: number[]) => values.map((value) => value.toFixed(4)).join(' ');
console.log(`gradient descent: ${line(fitted)}`);
console.log(`closed form:      ${line(exact)}`);
const difference = Math.max(...exact.map((value, i) => Math.abs(value - (fitted[i] ?? NaN))));
console.log(`largest difference: ${difference.toFixed(6)}`);
device.destroy();
