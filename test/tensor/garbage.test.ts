import { expect, it } from 'vitest';
import { program } from '../support/process/child';

it('tensors that nobody freed come back with the garbage collection', async () => {
  const work = await program(`
import { open } from './src/open';
import { zeros } from './src/tensor/create/create';
import { Tensor } from './src/tensor/tensor';
const device = await open();
const held = zeros([1024]);
const alias = held.alias();
(() => { for (let i = 0; i < 100; i++) zeros([1024]); })();
(() => { for (let i = 0; i < 100; i++) held.alias(); })();
(() => { for (let i = 0; i < 100; i++) zeros([1024]).dispose(); })();
const before = device.memory.used;
for (let i = 0; i < 50 && (device.memory.used > 4096 || held.storage.references > 2); i++) {
  globalThis.gc();
  await new Promise((resolve) => setTimeout(resolve, 10));
}
const [x] = await alias.data();
console.log(before, device.memory.used, held.storage.references, x);
console.warn('no warning so far');
(() => { for (let i = 0; i < 5; i++) Tensor.empty([16 * 2 ** 20]); })();
for (let i = 0; i < 50 && device.memory.used > 4096; i++) {
  globalThis.gc();
  await new Promise((resolve) => setTimeout(resolve, 10));
}
`);
  const { code, stdout, stderr } = await work.run({ args: ['--expose-gc'] });
  await work.remove();
  expect(stderr).toMatch(/no warning so far\nwgrad: 256 MiB of tensors were left to the garbage collector/);
  expect(stderr.match(/wgrad:/g)).toHaveLength(1);
  expect({ code, stdout }, stderr).toEqual({ code: 0, stdout: `${101 * 4096} 4096 2 0\n` });
});

it('a captured step that nobody holds any more gives its recordings back', async () => {
  const work = await program(`
import { open } from './src/open';
import { capture } from './src/capture/capture';
import { ones } from './src/tensor/create/create';
import { mul } from './src/ops/elementwise/binary';
import { adam } from './src/optim';
const device = await open();
const [x, w] = [ones([1024]), ones([1024], { requiresGrad: true })];
const optimizer = adam([w]);
await device.finish();
const before = device.memory.buffers;
(() => {
  for (let i = 0; i < 30; i++) {
    class Trainer {
      step = capture((input) => { mul(input, w).backward({ gradient: input }); optimizer.step(); return mul(w, 2); });
    }
    new Trainer().step(x).dispose();
  }
})();
await device.finish();
const most = device.memory.buffers;
for (let i = 0; i < 100 && device.memory.buffers > before; i++) {
  globalThis.gc();
  await new Promise((resolve) => setTimeout(resolve, 10));
}
console.log(most > before + 30, device.memory.buffers - before, Number.isFinite((await w.data())[0]));
`);
  const { code, stdout, stderr } = await work.run({ args: ['--expose-gc'] });
  await work.remove();
  expect({ code, stdout }, stderr).toEqual({ code: 0, stdout: 'true 0 true\n' });
});
