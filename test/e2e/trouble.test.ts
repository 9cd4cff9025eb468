import { gzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSmallMnist } from '../../examples/data/mnist-small';
import { splitSet } from '../../examples/data/mnist-split';
import { complaints, draw, launchChromium, odds, servePage, SEVEN, statusIs, type ServedPage } from './served-page';

let served: ServedPage;
let browser: Browser;
beforeAll(async () => {
  [served, browser] = await Promise.all([servePage(), launchChromium()]);
});
afterAll(async () => {
  await browser.close();
  await served.close();
});

async function openPage(): Promise<Page> {
  const page = await browser.newPage();
  await page.goto(served.url);
  await statusIs(page, /^Ready/);
  return page;
}

function idxFile(name: string, shape: readonly number[], data: Uint8Array, zipped: boolean) {
  const header = Buffer.from([0, 0, 8, shape.length, ...shape.flatMap((size) => [0, 0, size >> 8, size & 255])]);
  const bytes = Buffer.concat([header, data]);
  return { name, mimeType: 'application/octet-stream', buffer: zipped ? gzipSync(bytes) : bytes };
}

/** 64 digits to learn from and 16 others, as four IDX files. */
async function fourFiles() {
  const digits = splitSet(splitSet(await readSmallMnist(), 80, 1).train, 64, 1);
  return Object.entries({ train: digits.train, t10k: digits.test }).flatMap(([name, { images, labels, count }]) => [
    idxFile(`${name}-images-idx3-ubyte`, [count, 28, 28], images, name === 'train'),
    idxFile(`${name}-labels-idx1-ubyte`, [count], labels, name === 'train'),
  ]);
}

/** Drops a file on the page as a person would. */
async function drop(page: Page, name: string, text: string): Promise<void> {
  const dataTransfer = await page.evaluateHandle(
    ([fileName, content]) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([content], fileName));
      return transfer;
    },
    [name, text],
  );
  for (const type of ['dragenter', 'dragover', 'drop']) await page.dispatchEvent('body', type, { dataTransfer });
}

async function setNumber(page: Page, name: string, value: number): Promise<void> {
  await page.locator(`[name=${name}]`).fill(String(value));
}

describe('the page with files of one’s own', () => {
  it('learns from four IDX files to the end, keeps the weights when the device is lost, and says what is wrong with others', async () => {
    const page = await openPage();
    const errors = complaints(page);
    const files = await fourFiles();
    await page.locator('#files').setInputFiles(files.slice(0, 1));
    await page.locator('#start').click();
    await statusIs(page, /^Training failed: train-images-idx3-ubyte: no file has labels for its 64 images/);
    await page.locator('#files').setInputFiles(files);
    await setNumber(page, 'epochs', 1);
    await setNumber(page, 'batchSize', 16);
    await page.locator('#start').click();
    await statusIs(page, /^Done: [\d.]+% of 16 test images/);
    expect(await page.locator('#stat-epoch').textContent()).toBe('1 / 1');
    await drop(page, 'other.safetensors', 'no weights');
    await statusIs(page, /^The weights were not loaded: other.safetensors/);
    await page.workers()[0].evaluate('lab.device.destroy()');
    await page.getByRole('button', { name: 'Start again' }).click();
    await statusIs(page, /^Started again with the last complete weights/);
    expect(await page.getByLabel('Yours').isEnabled()).toBe(true);
    expect(errors).toEqual([]);
    await page.close();
  });

  it('says when the full set cannot be downloaded, and does not store what it was sent', async () => {
    const page = await openPage();
    await page.route('**/*-ubyte.gz', (route) => route.fulfill({ status: 200, body: 'not the file' }));
    await page.getByText('All 70,000').click();
    await page.locator('#start').click();
    await statusIs(page, /^Training failed: train-images-idx3-ubyte.gz: .*expected SHA-256 440fcabf/);
    expect(await page.locator('#start').isEnabled()).toBe(true);
    await page.close();
  });
});

describe('the page in trouble', () => {
  it('says that the device was lost during a training, and starts again', async () => {
    const page = await openPage();
    const errors = complaints(page);
    await page.locator('#start').click();
    await statusIs(page, /^Learning from/);
    await page.workers()[0].evaluate('lab.device.destroy()');
    const trouble = page.getByRole('alert');
    await trouble.getByText('The GPU was lost').waitFor();
    expect(await trouble.textContent()).toContain('The training has stopped');
    expect(await page.locator('#start').isDisabled()).toBe(true);
    await trouble.getByRole('button', { name: 'Start again' }).click();
    await statusIs(page, /^Ready|^Started again/);
    expect(await trouble.isVisible()).toBe(false);
    await draw(page, SEVEN);
    await odds(page);
    expect(await page.locator('#answer').textContent()).toBe('7');
    await page.locator('#start').click();
    await statusIs(page, /^Learning from/);
    expect(errors).toEqual([]);
    await page.close({ runBeforeUnload: false });
  });

  it('says what was done while it was hidden, asks before it is closed, and tells of a run that was cut off', async () => {
    const page = await openPage();
    const show = (hidden: boolean) =>
      page.evaluate((value) => {
        Object.defineProperty(document, 'hidden', { value, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
      }, hidden);
    await page.locator('#start').click();
    await statusIs(page, /^Learning from/);
    await show(true);
    await page.locator('#stat-epoch').filter({ hasText: '1 / ' }).waitFor({ timeout: 60_000 });
    await show(false);
    await statusIs(page, /^The training goes on: \d+ steps were done while the page was hidden/);
    const asked = page.waitForEvent('dialog');
    const reloaded = page.reload();
    const dialog = await asked;
    expect(dialog.type()).toBe('beforeunload');
    await dialog.accept();
    await reloaded;
    await statusIs(page, /^The last training was cut off in epoch 1 of \d+/);
    await page.close();
  });

  it('says that the adapter refuses, and starts when it no longer does', async () => {
    const page = await browser.newPage();
    const refuse = 'GPUAdapter.prototype.requestDevice = () => Promise.reject(new Error("not today"));';
    await page.route('**/worker-*.js', async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: refuse + (await response.text()) });
    });
    await page.goto(served.url);
    const trouble = page.getByRole('alert');
    await trouble.getByText('The GPU could not be opened').waitFor();
    expect(await trouble.textContent()).toContain('not today');
    await page.unroute('**/worker-*.js');
    await trouble.getByRole('button', { name: 'Start again' }).click();
    await statusIs(page, /^Ready/);
    await page.close();
  });

  it('says what to do where no adapter answers, and can be started again', async () => {
    const without = await launchChromium({ webgpu: false });
    try {
      const page = await without.newPage();
      const errors = complaints(page);
      await page.goto(served.url);
      const trouble = page.getByRole('alert');
      await trouble.getByText('No WebGPU here').waitFor();
      expect(await trouble.getByRole('listitem').count()).toBeGreaterThan(2);
      expect(await page.locator('#adapter').textContent()).toContain('No GPU');
      await trouble.getByRole('button', { name: 'Start again' }).click();
      await trouble.getByText('No WebGPU here').waitFor();
      expect(errors).toEqual([]);
    } finally {
      await without.close();
    }
  });
});
