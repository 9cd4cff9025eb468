import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { env } from 'node:process';
import { gzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeSafetensors } from '../../src/serialize';
import {
  complaints,
  draw,
  launchChromium,
  odds,
  savedWeights,
  servePage,
  SEVEN,
  statusIs,
  type ServedPage,
} from './served-page';

/** A file to write a picture of the page to, after a whole epoch of training; else a few steps will do. */
const SCREENSHOT = env.WGRAD_SCREENSHOT;
const READY = new URL('../../examples/browser/model/mnist-cnn.safetensors', import.meta.url);

let served: ServedPage;
let browser: Browser;
beforeAll(async () => {
  [served, browser] = await Promise.all([servePage(), launchChromium()]);
});
afterAll(async () => {
  await browser.close();
  await served.close();
});

async function openPage(): Promise<{ page: Page; errors: string[] }> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  const errors = complaints(page);
  await page.addInitScript(watchShifts);
  await page.goto(served.url);
  await statusIs(page, /^Ready/);
  return { page, errors };
}

interface Shift extends PerformanceEntry {
  readonly value: number;
  readonly sources: readonly { readonly node: Node | null }[];
}
type Watched = typeof globalThis & { shiftsSoFar: () => Shift[] };

/** Runs in the page: notes each layout shift from the beginning, also those that an input excuses, as it does for 500 ms. */
function watchShifts(): void {
  const seen: PerformanceEntry[] = [];
  const observer = new PerformanceObserver((list) => seen.push(...list.getEntries()));
  observer.observe({ type: 'layout-shift', buffered: true });
  (globalThis as Watched).shiftsSoFar = () => [...seen, ...observer.takeRecords()] as Shift[];
}

/** How much the page has moved by itself since it was opened: the sum of its layout shifts, and what moved most. */
async function moved(page: Page): Promise<{ sum: number; most: string }> {
  return page.evaluate(() => {
    const shifts = (globalThis as Watched).shiftsSoFar().sort((a, b) => b.value - a.value);
    const nameOf = (node: Node | null) =>
      node instanceof Element
        ? `${node.localName}#${node.id}.${node.className}`
        : (node?.parentElement?.outerHTML ?? '');
    const most = shifts
      .slice(0, 5)
      .map(({ value, sources }) => [value, ...sources.map(({ node }) => nameOf(node))].join(' '));
    return { sum: shifts.reduce((sum, { value }) => sum + value, 0), most: most.join('\n') };
  });
}

/** The latest training loss, as the key of the chart says it. */
async function trainingLoss(page: Page): Promise<number> {
  const text = await page.locator('#loss-key span').first().textContent();
  return Number(/[\d.]+$/.exec(text ?? '')?.[0] ?? NaN);
}

describe('the page', () => {
  it('reads a drawn digit before any training, and gives the weights that came with it', async () => {
    const { page, errors } = await openPage();
    expect(await page.locator('#adapter').textContent()).toMatch(/swiftshader.*in software/i);
    await draw(page, SEVEN);
    expect(await odds(page)).toHaveLength(10);
    expect(await page.locator('#answer').textContent()).toBe('7');
    expect((await readFile(await savedWeights(page))).equals(await readFile(READY))).toBe(true);
    await page.locator('#clear').click();
    await page.locator('#answer').filter({ hasText: '?' }).waitFor();
    expect(errors).toEqual([]);
    await page.close();
  });

  it('trains, pauses, goes on, stops, saves, and has it all again after a reload', { timeout: 1_500_000 }, async () => {
    const { page, errors } = await openPage();
    await page.locator('#start').click();
    await statusIs(page, /^Learning from 8,000 images/);
    await expect.poll(() => trainingLoss(page), { timeout: 120_000 }).toBeGreaterThan(0);
    const first = await trainingLoss(page);
    await expect.poll(() => trainingLoss(page), { timeout: 300_000 }).toBeLessThan(0.6 * first);
    await draw(page, SEVEN);
    if (SCREENSHOT) {
      await statusIs(page, /^Epoch 1 /, 1_200_000);
      await page.screenshot({ path: SCREENSHOT, fullPage: true });
    }

    await page.locator('#pause').click();
    await statusIs(page, /^Paused after \d+ steps/);
    const share = () => page.locator('#bar').evaluate((bar: HTMLProgressElement) => bar.value);
    const stands = await share();
    expect(stands).toBeGreaterThan(0);
    await page.waitForTimeout(1000);
    expect(await share()).toBe(stands);
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.locator('#stop').click();
    await statusIs(page, /^Stopped: \d/);
    const assessed = await page.locator('#confusion tbody td').allTextContents();
    expect(assessed.reduce((sum, text) => sum + Number(text), 0)).toBe(100);
    expect(await page.locator('#mistakes li:not(.empty)').count()).toBeGreaterThan(0);

    const { sum, most } = await moved(page);
    expect(sum, most).toBeLessThan(0.002);

    const answers = await odds(page);
    const file = await savedWeights(page);
    const bytes = await readFile(file);
    const { tensors, metadata } = decodeSafetensors(bytes, 'the saved file');
    expect(metadata).toEqual({ model: 'mnist-cnn', channels: '16,32', dense: '128,64' });
    expect(tensors['0.weight'].shape).toEqual([16, 1, 3, 3]);

    await page.reload();
    await statusIs(page, /^Ready/);
    await page.locator('#load').setInputFiles({ name: 'mine.safetensors', mimeType: '', buffer: bytes });
    await statusIs(page, /^Loaded the weights of mine.safetensors/);
    await draw(page, SEVEN);
    expect(await odds(page)).toEqual(answers);
    expect((await readFile(await savedWeights(page))).equals(bytes)).toBe(true);
    expect(errors).toEqual([]);
    await page.close();
  });

  it('is small, asks no other server for anything, and holds nothing of Node', async () => {
    const files = await readdir(served.folder, { recursive: true });
    const code = files.filter((file) => /\.(js|css|html)$/.test(file));
    const texts = await Promise.all(code.map((file) => readFile(join(served.folder, file))));
    const gzipped = texts.reduce((sum, text) => sum + gzipSync(text).length, 0);
    expect(gzipped).toBeLessThan(150_000);
    for (const text of texts) expect(text.toString()).not.toMatch(/from ?["']node:|import\(["']node:|require\(/);

    const page = await browser.newPage();
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).origin));
    await page.goto(served.url);
    await statusIs(page, /^Ready/);
    expect([...new Set(asked)]).toEqual([new URL(served.url).origin]);
    await page.close();
  });
});
