import { beforeAll, describe, expect, it } from 'vitest';
import { crossEntropy, noGrad, tensor, tidy, type Tensor } from 'wgrad';
import { mnistModel } from '../../examples/model';
import type { Device } from '../../src/runtime/device';
import { expectNumbersClose } from '../support/compare';
import { testDevice } from '../support/device';
import { numbers } from '../support/numbers';
import { commandsOf } from '../support/record';
import { seeded } from '../support/seeded';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});

const ROWS = 40;
const PIXELS = 784;
const images = numbers(ROWS * PIXELS, 9);

/** The logits of some of the images as one batch, and which kernels made them. */
async function logitsOf(model: { forward(x: Tensor): Tensor }, rows: readonly number[]) {
  const batch = new Float32Array(rows.length * PIXELS);
  rows.forEach((row, at) => {
    batch.set(images.subarray(row * PIXELS, (row + 1) * PIXELS), at * PIXELS);
  });
  using x = tensor(batch, { shape: [rows.length, 1, 28, 28] });
  let logits = x;
  const commands = commandsOf(device, () => {
    logits = noGrad(() => tidy(() => model.forward(x)));
  });
  const kernels = commands.flatMap((command) => (command.kind === 'dispatch' ? [command.pipeline.id] : []));
  const data = await logits.data();
  logits.dispose();
  return { kernels, logits: rows.map((_, at) => data.subarray(at * 10, at * 10 + 10)) };
}

/**
 * What holds: each kernel computes a row from that row alone and in the same order of sums. Where a batch of another size is
 * served by the same kernels, a row's logits are equal bit for bit; where the tables choose another kernel for it, they are
 * equal within rounding.
 */
describe('evaluation', () => {
  const build = () => {
    const model = seeded(device, 31, () => mnistModel({ channels: [8, 8], dense: [32, 16] }));
    const batch = tensor(images.slice(0, 8 * PIXELS), { shape: [8, 1, 28, 28] });
    // Running statistics that are not those of a new model.
    for (let i = 0; i < 3; i++) crossEntropy(model.forward(batch), tensor(new Int32Array(8))).backward();
    return model.eval();
  };
  const all = Array.from({ length: ROWS }, (_, i) => i);

  it('gives the same bits each time, and changes no state', async () => {
    const model = build();
    const state = () => Promise.all(Object.values(model.stateDict()).map((t) => t.data()));
    const [before, { offset }] = [await state(), device.generator];
    const first = await logitsOf(model, all);
    expect(await logitsOf(model, all)).toEqual(first);
    expect(await state()).toEqual(before);
    expect(device.generator.offset).toBe(offset);
  });

  it('does not depend on what else is in the batch', async () => {
    const model = build();
    const whole = await logitsOf(model, all);
    const backwards = await logitsOf(model, [...all].reverse());
    expect(backwards.logits.reverse()).toEqual(whole.logits);
    let sameKernels = 0;
    for (const count of [1, 2, 7, 17, 32, 39]) {
      const some = await logitsOf(model, all.slice(ROWS - count));
      const wanted = whole.logits.slice(ROWS - count);
      if (String(some.kernels) === String(whole.kernels)) {
        sameKernels++;
        expect(some.logits).toEqual(wanted);
      }
      some.logits.forEach((logits, row) => {
        expectNumbersClose(`row ${row} of ${count}`, logits, wanted[row], { atol: 2e-5, rtol: 1e-5 });
      });
    }
    expect(sameKernels).toBeGreaterThanOrEqual(2);
  });
});
