// Linear regression with tensors and gradients alone: y = x · w + b, fitted by gradient descent written out.
import { add, matmul, mean, mul, noGrad, open, pow, randn, sub, tensor, tidy, zeros } from 'wgrad';

const device = await open({ seed: 7 });

// Data from known weights, with a little noise.
const x = randn([256, 2]);
const trueWeights = tensor([[3], [-2]]); // [2, 1]
const y = add(add(matmul(x, trueWeights), 1), mul(randn([256, 1]), 0.1));

const w = zeros([2, 1], { requiresGrad: true });
const b = zeros([1], { requiresGrad: true });
const lr = 0.1;

for (let step = 0; step < 100; step++) {
  tidy(() => {
    const error = sub(add(matmul(x, w), b), y);
    const loss = mean(pow(error, 2));
    loss.backward();
    // The update itself is not part of the graph.
    noGrad(() => {
      for (const parameter of [w, b]) {
        const { grad } = parameter;
        if (!grad) continue;
        parameter.copyFrom(sub(parameter, mul(grad, lr)));
        grad.dispose();
        parameter.grad = null; // otherwise the next backward() adds to it
      }
    });
  });
}

const weights = Array.from(await w.data(), (value) => value.toFixed(2));
console.log(`w = [${weights.join(', ')}], b = ${(await b.item()).toFixed(2)}`);
console.log('the data was made with w = [3, -2], b = 1');
device.destroy();
