// The smallest network worth training: XOR, which no single linear layer can represent.
import { nn, open, optim, softmax, tensor, tidy } from 'wgrad';

const device = await open({ seed: 7 });
const inputs = tensor([
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
]); // [4, 2]
const labels = tensor([0, 1, 1, 0], { dtype: 'int32' }); // [4], the class of each row

const model = nn.sequential(nn.linear(2, 16), nn.relu(), nn.linear(16, 2));
const adam = optim.adam(model.parameters(), { lr: 0.02 });
console.log(String(model));

for (let step = 0; step <= 200; step++) {
  // tidy() frees every tensor that is made inside it, except those that it returns.
  const loss = tidy(() => {
    adam.zeroGrad();
    const loss = nn.crossEntropy(model.forward(inputs), labels);
    loss.backward(); // fills parameter.grad
    adam.step(); // updates the parameters
    return loss;
  });
  // Nothing above waits for the GPU. Reading a number does, so do it now and then.
  if (step % 50 === 0) console.log(`step ${step}: loss ${(await loss.item()).toFixed(4)}`);
  loss.dispose();
}

console.log('probabilities of the classes 0 and 1, for each row of the inputs:');
console.log(await softmax(model.forward(inputs)).format());
device.destroy();
