import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright';
import { build, preview } from 'vite';
import config from '../../examples/browser/vite.config';
import { CHROMIUM_FLAGS } from '../support/process/chromium';

const root = fileURLToPath(new URL('../..', import.meta.url));

const { buildIfStale } = (await import(new URL('../../scripts/setup/build.mjs', import.meta.url).href)) as {
  buildIfStale: (root: string) => Promise<void>;
};

/** The page as `npm run browser` builds and serves it, in a folder of its own. */
export interface ServedPage {
  url: string;
  folder: string;
  close: () => Promise<void>;
}

/** Builds dist/ where it is older than the sources: pages take the library from there. */
export const buildLibrary = (): Promise<void> => buildIfStale(root);

export async function servePage(): Promise<ServedPage> {
  await buildLibrary();
  const folder = await mkdtemp(join(tmpdir(), 'wgrad-page-'));
  const options = {
    ...config,
    configFile: false,
    logLevel: 'error',
    build: { ...config.build, outDir: folder, emptyOutDir: true },
  } as const;
  await build(options);
  const server = await preview({ ...options, preview: { ...config.preview, port: 4400 } });
  const [url] = server.resolvedUrls?.local ?? [];
  const close = async () => {
    await server.close();
    await rm(folder, { recursive: true });
  };
  return { url, folder, close };
}

/** A headless Chromium; without `webgpu` it has no adapter to give. */
export async function launchChromium({ webgpu = true } = {}): Promise<Browser> {
  const args = CHROMIUM_FLAGS.filter((flag) => webgpu || !/webgpu/.test(flag));
  return chromium.launch({ executablePath: env.WGRAD_CHROMIUM, args: ['--headless=new', ...args] });
}

/** Gathers what goes wrong on a page without being seen on it. */
export function complaints(page: Page): string[] {
  const found: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') found.push(message.text());
  });
  page.on('pageerror', ({ message }) => found.push(message));
  return found;
}

/** Waits until the line beside the buttons says this. */
export async function statusIs(page: Page, text: RegExp, timeout = 90_000): Promise<void> {
  await page.locator('#status').filter({ hasText: text }).waitFor({ timeout });
}

/** Draws through points given in shares of the field. */
export async function draw(page: Page, points: readonly (readonly [number, number])[]): Promise<void> {
  const pad = page.locator('#pad');
  await pad.scrollIntoViewIfNeeded();
  const box = await pad.boundingBox();
  if (!box) throw new Error('the drawing field is not to be seen');
  for (const [i, [x, y]] of points.entries()) {
    await page.mouse.move(box.x + box.width * x, box.y + box.height * y, { steps: 5 });
    if (i === 0) await page.mouse.down();
  }
  await page.mouse.up();
}

export const SEVEN = [
  [0.3, 0.25],
  [0.45, 0.24],
  [0.7, 0.25],
  [0.62, 0.45],
  [0.52, 0.65],
  [0.46, 0.85],
] as const;

/** The ten probabilities as the page writes them, once it has read what is drawn. */
export async function odds(page: Page): Promise<string[]> {
  await page.locator('#reading').filter({ hasText: 'Read as' }).waitFor({ timeout: 90_000 });
  return page.locator('#odds span').allTextContents();
}

/** What the button for saving gives. */
export async function savedWeights(page: Page): Promise<string> {
  const [download] = await Promise.all([page.waitForEvent('download'), page.locator('#save').click()]);
  return download.path();
}
