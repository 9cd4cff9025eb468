import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const filesOf = (folder: string, end: string): string[] =>
  readdirSync(`${root}${folder}`, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(end))
    .map((name) => `${folder}/${name}`);
const sources = filesOf('src', '.ts').map((name) => readFileSync(root + name, 'utf8'));

it('each shader is used by the library', () => {
  const used = new Set(sources.flatMap((text) => [...text.matchAll(/shaders\/[\w/]+\.wgsl/g)].map(([name]) => name)));
  expect(filesOf('shaders', '.wgsl').filter((name) => !used.has(name))).toEqual([]);
});

it('WGSL lies in shaders/ alone', () => {
  expect(sources.filter((text) => /@compute\s|@workgroup_size\(/.test(text))).toEqual([]);
});
