import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** A fenced code block of a Markdown page. */
export interface Block {
  /** Path of the page, from the root of the repository. */
  readonly page: string;
  /** Line of the opening fence, counted from 1. */
  readonly line: number;
  readonly language: string;
  /** What follows the language: `continue`, `fragment`, `output`, or the file that the block is an excerpt of. */
  readonly note: string;
  readonly code: readonly string[];
}

/** A TypeScript program made of one block and those that continue it. */
export interface Program {
  readonly page: string;
  readonly line: number;
  /** Its code at the lines where it stands in the page, so that errors name the page's own lines. */
  readonly source: string;
  /** What it prints, in the blocks of output behind it; empty where the page does not say. */
  readonly output: readonly string[];
  /** Whether it is run; a fragment is type-checked only. */
  readonly runs: boolean;
}

/** Every page whose code is checked, by its path from the root of the repository. */
export const PAGES: readonly string[] = [
  ...readdirSync(ROOT).filter((name) => name.endsWith('.md')),
  ...readdirSync(`${ROOT}docs`)
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
  'examples/basics/README.md',
];

/** The programs of examples/basics, as if each were a page. */
export const EXAMPLES: readonly Program[] = readdirSync(`${ROOT}examples/basics`, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => {
    const page = `examples/basics/${name}`;
    return { page, line: 1, source: readFileSync(ROOT + page, 'utf8'), output: [], runs: false };
  });

export const readPage = (page: string): string => readFileSync(ROOT + page, 'utf8');

/** The fenced code blocks of a page. Throws for one that does not end. */
export function blocksOf(page: string, text: string): Block[] {
  const blocks: Block[] = [];
  const lines = text.split('\n');
  for (let i = 0; i < lines.length; i++) {
    const fence = /^(\s*)```(.*)$/.exec(lines[i]);
    if (!fence) continue;
    const [, indent, info] = fence;
    const end = lines.findIndex((line, k) => k > i && line.trim() === '```');
    if (end < 0) throw new Error(`${page}:${i + 1}: the code block does not end`);
    const [language = '', ...note] = info.trim().split(/\s+/);
    const code = lines.slice(i + 1, end).map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line));
    blocks.push({ page, line: i + 1, language, note: note.join(' '), code });
    i = end;
  }
  return blocks;
}

/** `code` with blank lines before it, up to the line where it stands. */
const placed = (before: string, { line, code }: Block): string =>
  before + '\n'.repeat(line - before.split('\n').length + 1) + code.join('\n');

/** The TypeScript programs of a page. Throws for a block that continues nothing, or output of nothing. */
export function programsOf(blocks: readonly Block[]): Program[] {
  const programs: Program[] = [];
  for (const block of blocks) {
    const { page, line, language, note } = block;
    const last = programs.at(-1);
    if (language === 'ts' && (note === '' || note === 'fragment')) {
      programs.push({ page, line, source: placed('', block), output: [], runs: note === '' });
    } else if (note === 'continue' || note === 'output') {
      if (!last?.runs) throw new Error(`${page}:${line}: no program stands before the block '${language} ${note}'`);
      const change =
        note === 'output' ? { output: [...last.output, ...block.code] } : { source: placed(last.source, block) };
      programs[programs.length - 1] = { ...last, ...change };
    }
  }
  return programs;
}
