import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, preview } from 'vite';
import { expect, it } from 'vitest';
import { buildLibrary, complaints, launchChromium } from './served-page';

const PAGE = fileURLToPath(new URL('../../examples/basics/page', import.meta.url));

it('the page of examples/basics reads its digit with the weights of a file', async () => {
  await buildLibrary();
  const outDir = await mkdtemp(join(tmpdir(), 'wgrad-basics-'));
  const options = { root: PAGE, configFile: false, logLevel: 'error' } as const;
  await build({ ...options, build: { target: 'es2022', outDir, emptyOutDir: true } });
  const server = await preview({ ...options, build: { outDir }, preview: { port: 4500 } });
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    const errors = complaints(page);
    await page.goto(server.resolvedUrls?.local.at(0) ?? '');
    const answer = page.locator('#answer').filter({ hasText: 'It is a ' });
    await answer.waitFor({ timeout: 90_000 });
    const [, digit, probability] =
      /^It is a (\d), with a probability of ([\d.]+)\.$/.exec(await answer.innerText()) ?? [];
    expect(digit).toBe('7');
    expect(Number(probability)).toBeGreaterThan(0.9);
    expect(errors).toEqual([]);
  } finally {
    await browser.close();
    await server.close();
    await rm(outDir, { recursive: true });
  }
});
