// Saves the weights as a safetensors file, which PyTorch reads too, and goes on training from it as if never interrupted.
import { readFile, writeFile } from 'node:fs/promises';
import { loadSafetensors, nn, open, optim, rand, saveSafetensors, sum, tidy, type Tensor } from 'wgrad';

const device = await open({ seed: 7 });
const x = rand([64, 4]);
const y = sum(x, [1], true);
const newModel = () => nn.sequential(nn.linear(4, 16), nn.tanh(), nn.linear(16, 1));

async function trainSome(model: nn.Module, adam: optim.Adam, steps: number): Promise<number> {
  const run = (): Tensor => {
    const loss = nn.mseLoss(model.forward(x), y);
    loss.backward();
    adam.step();
    return loss;
  };
  for (let i = 1; i < steps; i++) tidy(run).dispose();
  return tidy(run).item();
}

const model = newModel();
const adam = optim.adam(model.parameters(), { lr: 0.02 });
await trainSome(model, adam, 50);
await saveSafetensors('model.safetensors', model.stateDict(), { made_by: 'save-and-load.ts' });
const { state, config } = adam.stateDict(); // the moments, as tensors; settings and step counts, as plain JSON
await saveSafetensors('adam.safetensors', state);
await writeFile('adam.json', JSON.stringify(config));
const went = await trainSome(model, adam, 50);

const other = newModel();
const otherAdam = optim.adam(other.parameters(), { lr: 0.02 });
other.loadStateDict(await loadSafetensors('model.safetensors'));
otherAdam.loadStateDict({
  state: await loadSafetensors('adam.safetensors'),
  config: JSON.parse(await readFile('adam.json', 'utf8')) as typeof config,
});
const resumed = await trainSome(other, otherAdam, 50);

console.log(`loss after 100 steps: ${went.toFixed(5)}; stopped and resumed: ${resumed.toFixed(5)}`);
console.log(`the same, bit for bit: ${went === resumed}`);
device.destroy();
