import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { publicNames } from './exports';
import { blocksOf, EXAMPLES, PAGES, programsOf, readPage, ROOT, type Block } from './markdown';
import { runProgram } from './run';
import { typeErrors } from './type-check';

const pages = PAGES.map((page) => {
  const blocks = blocksOf(page, readPage(page));
  return { page, blocks, programs: programsOf(blocks) };
});
const blocks = pages.flatMap((page) => page.blocks);
const programs = pages.flatMap((page) => page.programs);
const { scripts } = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')) as { scripts: Record<string, string> };

/** Whether the lines of `wanted` stand in `lines` in this order and in a row; a line with … stands for any lines. */
function stands(wanted: readonly string[], lines: readonly string[], gapsAtEnds: boolean): boolean {
  const escape = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const pattern = wanted.map((line) =>
    /^\W*…\W*$/.test(line) ? '(?:.*\n)*?' : `[ \t]*${escape(line.trim()).replaceAll('…', '.*')}[ \t]*\n`,
  );
  const ends = gapsAtEnds ? '(?:^|.*\n)*?' : '';
  return new RegExp(`^${ends}${pattern.join('')}${gapsAtEnds ? '' : '$'}`).test(
    lines.map((line) => `${line}\n`).join(''),
  );
}

/** Scripts of package.json that shell commands (or a Dockerfile) name. */
function scriptsIn(code: readonly string[]): string[] {
  const words = code.join('\n').replace(/[",[\]]+/g, ' ');
  return [...words.matchAll(/\bnpm +(?:run +([\w:-]+)|(test)\b)/g)].map(([, ...names]) => names.find(Boolean) ?? '');
}

/** What is wrong with a block that is no TypeScript program; `null` where nothing is. */
function complaint({ language, note, code }: Block): string | null {
  if (language === 'text' && (note === '' || note === 'output')) return null;
  if (language === 'ts' && ['', 'continue', 'fragment'].includes(note)) return null;
  if (language === 'json' && note === '') {
    JSON.parse(code.join('\n'));
    return null;
  }
  if ((language === 'sh' || language === 'dockerfile') && note === '') {
    const unknown = scriptsIn(code).filter((name) => !(name in scripts));
    return unknown.length > 0 ? `names scripts that package.json lacks: ${unknown.join(', ')}` : null;
  }
  if (['ts', 'wgsl', 'html'].includes(language) && note.includes('/')) {
    if (!existsSync(ROOT + note)) return `is an excerpt of ${note}, which does not exist`;
    const lines = readFileSync(ROOT + note, 'utf8').split('\n');
    return stands(code, lines, true) ? null : `is not what ${note} holds`;
  }
  return `is marked '${language} ${note}', which no test knows (see CONTRIBUTING.md)`;
}

describe('the code blocks of the documentation', () => {
  it.each(blocks.map((block) => [`${block.page}:${block.line}`, block] as const))('%s', (_, block) => {
    expect(complaint(block)).toBeNull();
  });

  it('and the examples are correct TypeScript under the strictest options, without internals of the library', () => {
    expect(programs.length).toBeGreaterThan(0);
    expect(EXAMPLES.length).toBeGreaterThan(6);
    expect(typeErrors([...programs, ...EXAMPLES])).toEqual([]);
  });

  it.each(programs.filter(({ runs }) => runs).map((program) => [`${program.page}:${program.line}`, program] as const))(
    '%s runs',
    async (_, program) => {
      const printed = await runProgram(program);
      if (program.output.length > 0 && !stands(program.output, printed, false)) expect(printed).toEqual(program.output);
    },
  );
});

describe('the text of the documentation', () => {
  it('All of wgrad mentions every public name, and no page one that does not exist', () => {
    const page = readPage('docs/all-of-wgrad.md');
    const names = publicNames();
    const mentioned = (name: string) => new RegExp(`(?<![.\\w])${name.replaceAll('.', '\\.')}(?!\\w)`).test(page);
    expect(names.length).toBeGreaterThan(200);
    expect(names.filter((name) => !mentioned(name))).toEqual([]);
    const qualified = PAGES.flatMap((path) => [
      ...readPage(path).matchAll(/`((?:nn|optim|data|metrics|train)(?:\.[A-Za-z]\w*)+)/g),
    ]).map(([, name]) => name);
    expect(qualified.filter((name) => !names.includes(name))).toEqual([]);
  });

  it('names no file or folder that does not exist', () => {
    const missing = PAGES.flatMap((page) => {
      const paths = readPage(page).matchAll(/`((?:src|shaders|test|docs|bench|examples|scripts)\/[\w./-]*)`/g);
      return [...paths].map(([, path]) => path).filter((path) => !existsSync(ROOT + path));
    });
    expect(missing).toEqual([]);
  });
});

describe('what checks the code blocks', () => {
  const inPage = (...lines: string[]) => blocksOf('page.md', lines.join('\n'));
  const program = (...lines: string[]) => programsOf(inPage('```ts', ...lines, '```'));

  it('knows no block without a mark, no script and no excerpt that do not exist', () => {
    const [bare, unknown, script, docker, missing, stale] = inPage(
      ...['```', 'x', '```', '```python', 'x', '```'],
      ...['```sh', 'npm run build && npm run nonsense', '```', '```dockerfile', 'CMD ["npm", "run", "neither"]', '```'],
      ...['```ts src/none.ts', 'x', '```', '```ts src/index.ts', "export { nothing } from './nowhere';", '```'],
    );
    expect(complaint(bare)).toMatch(/which no test knows/);
    expect(complaint(unknown)).toMatch(/which no test knows/);
    expect(complaint(script)).toMatch(/package.json lacks: nonsense/);
    expect(complaint(docker)).toMatch(/package.json lacks: neither/);
    expect(complaint(missing)).toMatch(/does not exist/);
    expect(complaint(stale)).toMatch(/is not what src\/index.ts holds/);
  });

  it('refuses a block that does not end, one that continues nothing, and output of nothing', () => {
    expect(() => inPage('```ts', 'x')).toThrow(/page.md:1: the code block does not end/);
    expect(() => programsOf(inPage('```ts continue', '```'))).toThrow(/no program stands before/);
    expect(() => programsOf(inPage('```text output', '```'))).toThrow(/no program stands before/);
  });

  it('reports type errors and internals at the line of the page', () => {
    const [first, second] = programsOf(
      inPage(
        '```ts',
        'const n: number = 1;',
        '```',
        '',
        '```ts continue',
        'const s: string = n;',
        '```',
        '```ts fragment',
        "import type { Tensor } from 'wgrad';",
        'declare const t: Tensor;',
        "t.dtype = 'float64';",
        '```',
      ),
    );
    expect(typeErrors([first, second])).toEqual([
      expect.stringMatching(/^page.md:6: Type 'number' is not assignable to type 'string'/),
      expect.stringMatching(/^page.md:11: /),
    ]);
  });

  it('runs a program up to the error that it throws, and reads what it prints', async () => {
    const [good] = program(
      "import { basename } from 'node:path';",
      "console.log('%s\\n%d', basename('a/b'), await 2);",
    );
    expect(await runProgram(good)).toEqual(['b', '2']);
    const [bad] = program("import { open, tensor } from 'wgrad';", 'await open();', 'tensor([[1], [2, 3]]);');
    await expect(runProgram(bad)).rejects.toThrow(/tensor: rows of/);
  });

  it('compares output by line, where … stands for what varies', () => {
    expect(stands(['a', '…', 'd'], ['a', 'b', 'c', 'd'], false)).toBe(true);
    expect(stands(['a', '…', 'd'], ['a', 'b', 'c', 'd', 'e'], false)).toBe(false);
    expect(stands(['took … ms'], ['took 12 ms'], false)).toBe(true);
    expect(stands(['took … ms'], ['took 12 s'], false)).toBe(false);
    expect(stands(['b', '// …', 'd'], ['a', 'b', 'c', 'd', 'e'], true)).toBe(true);
    expect(stands(['b', 'd'], ['a', 'b', 'c', 'd', 'e'], true)).toBe(false);
  });
});
