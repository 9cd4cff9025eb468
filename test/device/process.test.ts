import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { program, type Program } from '../support/process/child';

/** Runs `body` with the library's basics imported. */
const script = (body: string) =>
  program(`
import { open } from './src/open';
import { ones, rand } from './src/tensor/create/create';
import { add, mul } from './src/ops/elementwise/binary';
import { sum } from './src/ops/reduce/reduce';
${body}`);

const COMPUTE = `
const device = await open({ seed: 3 });
const w = rand([64, 64], { requiresGrad: true });
sum(mul(w, w)).backward();
console.log((await add(ones([2]), 1).data()).join());
`;

describe('a program that uses the library', () => {
  let lazy: Program;
  let tidy: Program;
  beforeAll(async () => {
    [lazy, tidy] = await Promise.all([script(COMPUTE), script(`${COMPUTE} device.destroy();`)]);
  });
  afterAll(() => Promise.all([lazy.remove(), tidy.remove()]));

  // Several times: a race at the end would show now and then only.
  it.each([1, 2, 3, 4, 5])('ends by itself, without destroy() (%d)', async () => {
    const { code, signal, stdout, stderr } = await lazy.run();
    expect({ code, signal, stdout }, stderr).toEqual({ code: 0, signal: null, stdout: '2,2\n' });
  });
  it.each([1, 2, 3])('ends by itself, with destroy() (%d)', async () => {
    const { code, signal, stdout, stderr } = await tidy.run();
    expect({ code, signal, stdout }, stderr).toEqual({ code: 0, signal: null, stdout: '2,2\n' });
  });
  it('survives a collection of garbage while a device lives', async () => {
    const work = await script(`
await open();
let x = ones([100]);
for (let i = 0; i < 20; i++) {
  globalThis.gc();
  x = add(x, 1);
  await new Promise((resolve) => setTimeout(resolve, 5));
}
console.log((await sum(x).item()));`);
    const { code, stdout, stderr } = await work.run({ args: ['--expose-gc'] });
    await work.remove();
    expect({ code, stdout }, stderr).toEqual({ code: 0, stdout: '2100\n' });
  });
});

describe('without an adapter', () => {
  it('open() says what is missing and what helps', async () => {
    const work = await script(`
try {
  await open();
} catch (error) {
  console.log(error.name + '\\n' + error.message);
}`);
    const { code, stdout, stderr } = await work.run({ env: { VK_DRIVER_FILES: '/nonexistent', LD_LIBRARY_PATH: '' } });
    await work.remove();
    expect(code, stderr).toBe(0);
    const [name, message] = stdout.split('\n');
    expect(name).toBe('WebGPUUnavailableError');
    expect(message).toMatch(/^open: WebGPU found no adapter\. Install a GPU driver .*Vulkan driver.*lavapipe\.$/);
  });
  it('open() says so where the package webgpu cannot be loaded', async () => {
    // Stands in for a platform that the package has no binary for.
    const work = await script(`
Object.defineProperty(process, 'platform', { value: 'haiku' });
try {
  await open();
} catch (error) {
  console.log(error.name + '\\n' + error.message);
}`);
    const { code, stdout, stderr } = await work.run();
    await work.remove();
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/^WebGPUUnavailableError\nopen: the npm package 'webgpu' \(Dawn\) could not be loaded: /);
  });
});
