import { evaluate, evaluateInteger, type Value } from './expression';
import { joinParams } from './params-layout';

export type Defines = Readonly<Record<string, Value>>;

interface Line {
  /** Counted from 1. */
  readonly number: number;
  readonly text: string;
  /** The directive's name; empty on a line of WGSL. */
  readonly word: string;
  readonly rest: string;
}

/** A line with, for `if` and `for`, the blocks that belong to it. */
interface Statement {
  readonly line: Line;
  readonly arms: readonly { readonly line: Line; readonly body: readonly Statement[] }[];
}

/** A mistake in one line of a shader. */
class LineError extends Error {
  constructor({ number, text }: Line, cause: unknown) {
    super(`line ${number} '${text.trim()}': ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

function readLine(text: string, index: number): Line {
  const [, word = '', rest = ''] = /^\s*\/\/@(\w*)\s*(.*?)\s*$/.exec(text) ?? [];
  const line = { number: index + 1, text, word, rest };
  const directive = /^\s*\/\/@/.test(text);
  if (directive && !['if', 'elif', 'else', 'for', 'let', 'end', 'error'].includes(word)) {
    throw new LineError(line, `unknown directive '//@${word}'`);
  }
  if ((word === 'else' || word === 'end') && rest !== '') throw new LineError(line, `'${rest}' follows '//@${word}'`);
  return line;
}

/** The statements from line `at` to the one that ends their block. */
function parse(lines: readonly Line[], at: number, block: Line | null): { statements: Statement[]; next: number } {
  const statements: Statement[] = [];
  for (let i = at; i < lines.length; i++) {
    const line = lines[i];
    const { word } = line;
    if (word === 'end' || word === 'elif' || word === 'else') {
      const ends = word === 'end' ? block !== null : block?.word === 'if' || block?.word === 'elif';
      if (!ends) throw new LineError(line, `'//@${word}' has no beginning`);
      return { statements, next: i };
    }
    const arms: { line: Line; body: readonly Statement[] }[] = [];
    if (word === 'if' || word === 'for') {
      let head = line;
      do {
        const { statements: body, next } = parse(lines, i + 1, head);
        arms.push({ line: head, body });
        head = lines[next];
        i = next;
      } while (head.word !== 'end');
    }
    statements.push({ line, arms });
  }
  if (block) throw new LineError(block, "its '//@end' is missing");
  return { statements, next: lines.length };
}

function render(statements: readonly Statement[], scope: Map<string, Value>, out: string[]): void {
  for (const { line, arms } of statements) {
    // Errors of the lines inside have their own place.
    let body: readonly Statement[] = [];
    let scopes: readonly Map<string, Value>[] = [];
    try {
      if (line.word === '') out.push(insert(line.text, scope));
      else if (line.word === 'error') throw new Error(insert(line.rest, scope));
      else if (line.word === 'let') define(line.rest, scope);
      else if (line.word === 'for') {
        body = arms[0].body;
        scopes = iterations(line.rest, scope);
      } else {
        body = arms.find(({ line: { word, rest } }) => word === 'else' || evaluate(rest, scope))?.body ?? [];
        scopes = [scope];
      }
    } catch (error) {
      throw new LineError(line, error);
    }
    for (const inner of scopes) render(body, inner, out);
  }
}

/** `text` with the values of its @{EXPR}. */
function insert(text: string, scope: ReadonlyMap<string, Value>): string {
  return text.replace(/@\{([^}]*)\}/g, (_, expression: string) => String(evaluate(expression, scope)));
}

function define(text: string, scope: Map<string, Value>): void {
  const [, name, value] = /^([A-Za-z_]\w*)\s*=(.*)$/.exec(text) ?? [];
  if (!name) throw new Error("expected '//@let NAME = EXPR'");
  scope.set(name, evaluate(value, scope));
}

/** The names known in each iteration of a loop. */
function iterations(text: string, scope: ReadonlyMap<string, Value>): Map<string, Value>[] {
  const [, name, from, to] = /^([A-Za-z_]\w*)\s+in\s+(.*?)\.\.(.*)$/.exec(text) ?? [];
  if (!name) throw new Error("expected '//@for NAME in EXPR..EXPR'");
  const first = evaluateInteger(from, scope);
  const count = Math.max(evaluateInteger(to, scope) - first, 0);
  return Array.from({ length: count }, (_, k) => new Map(scope).set(name, first + k));
}

/**
 * Expands one shader. The small template language of shaders/*.wgsl:
 *
 *     //@if EXPR … //@elif EXPR … //@else … //@end
 *     //@for i in EXPR..EXPR … //@end        the end is exclusive; `i` is known inside
 *     //@let NAME = EXPR                     known to the lines below it, up to the end of the //@for around it
 *     //@error TEXT                          throws TEXT where it is reached: for the last //@else of a choice
 *     @{EXPR}                                replaced by the value
 *
 * An EXPR has integers, 'strings', names, + - * / % (integer), comparisons, && || !, and parentheses.
 *
 * Each of a kernel's sources can declare its own part of `struct Params`; the parts become one struct.
 *
 * Throws with the line on a mistake.
 */
export function expand(source: string, defines: Defines): string {
  const out: string[] = [];
  render(parse(source.split('\n').map(readLine), 0, null).statements, new Map(Object.entries(defines)), out);
  return joinParams(out.join('\n'));
}
