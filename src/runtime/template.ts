/**
 * The small template language of shaders/*.wgsl, expanded once a pipeline:
 *
 *     //@if EXPR … //@elif EXPR … //@else … //@end
 *     //@for i in EXPR..EXPR … //@end        the end is exclusive; `i` is known inside
 *     //@let NAME = EXPR                     known to the lines below it
 *     @{EXPR}                                replaced by the value
 *
 * An EXPR has integers, 'strings', names, + - * / % (integer), comparisons, && || !, and parentheses.
 */
export type Value = number | string;
export type Defines = Readonly<Record<string, Value>>;

const TOKEN = /\s*(?:(\d+)|'([^']*)'|([A-Za-z_]\w*)|(==|!=|<=|>=|&&|\|\||[-+*/%<>!()]))/y;

const LEVELS: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['==', '!=', '<', '<=', '>', '>='],
  ['+', '-'],
  ['*', '/', '%'],
];

function binary(op: string, a: Value, b: Value): Value {
  if (op === '==') return a === b ? 1 : 0;
  if (op === '!=') return a !== b ? 1 : 0;
  if (typeof a === 'string' || typeof b === 'string') throw new Error(`'${op}' wants integers, got '${a}' and '${b}'`);
  switch (op) {
    case '||':
      return a || b ? 1 : 0;
    case '&&':
      return a && b ? 1 : 0;
    case '<':
      return a < b ? 1 : 0;
    case '<=':
      return a <= b ? 1 : 0;
    case '>':
      return a > b ? 1 : 0;
    case '>=':
      return a >= b ? 1 : 0;
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return Math.trunc(a / b);
    default:
      return a % b;
  }
}

/** The value of one expression. Throws on a name that is not defined and on bad syntax. */
export function evaluate(text: string, scope: ReadonlyMap<string, Value>): Value {
  type Token = { value: Value } | { name: string } | { op: string };
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  const end = text.trimEnd().length;
  while (TOKEN.lastIndex < end) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (!match) throw new Error(`cannot read '${text.slice(at)}'`);
    if (match[1]) tokens.push({ value: Number(match[1]) });
    else if (match[2] || match[0].includes("'")) tokens.push({ value: match[2] });
    else if (match[3]) tokens.push({ name: match[3] });
    else tokens.push({ op: match[4] });
  }
  let next = 0;
  const peekOp = (): string | undefined => {
    const token = tokens.at(next);
    return token && 'op' in token ? token.op : undefined;
  };
  const unary = (): Value => {
    const token = tokens.at(next++);
    if (!token) throw new Error('an expression ends too early');
    if ('value' in token) return token.value;
    if ('name' in token) {
      const value = scope.get(token.name);
      if (value === undefined) throw new Error(`'${token.name}' is not defined`);
      return value;
    }
    if (token.op === '(') {
      const value = level(0);
      if (peekOp() !== ')') throw new Error("')' is missing");
      next++;
      return value;
    }
    if (token.op === '-') return binary('-', 0, unary());
    if (token.op === '!') return unary() ? 0 : 1;
    throw new Error(`'${token.op}' stands where a value should`);
  };
  const level = (depth: number): Value => {
    if (depth === LEVELS.length) return unary();
    let left = level(depth + 1);
    for (let op = peekOp(); op !== undefined && LEVELS[depth].includes(op); op = peekOp()) {
      next++;
      left = binary(op, left, level(depth + 1));
    }
    return left;
  };
  const value = level(0);
  if (next < tokens.length) throw new Error('something follows the expression');
  return value;
}

const DIRECTIVE = /^\s*\/\/@(if|elif|else|for|let|end)\b\s*(.*?)\s*$/;

/** The line after the block's `end` (or the next `elif`/`else` of the same `if`). */
function skip(lines: readonly string[], from: number, stopAtElse: boolean): number {
  let depth = 0;
  for (let i = from; i < lines.length; i++) {
    const word = DIRECTIVE.exec(lines[i])?.[1];
    if (word === 'if' || word === 'for') depth++;
    else if (word === 'end') {
      if (depth === 0) return i;
      depth--;
    } else if (depth === 0 && stopAtElse && (word === 'elif' || word === 'else')) return i;
  }
  throw new Error("'//@end' is missing");
}

function expandLines(
  lines: readonly string[],
  from: number,
  to: number,
  scope: Map<string, Value>,
  out: string[],
): void {
  const truth = (text: string): boolean => Boolean(evaluate(text, scope));
  for (let i = from; i < to; i++) {
    const match = DIRECTIVE.exec(lines[i]);
    if (!match) {
      out.push(lines[i].replace(/@\{([^}]*)\}/g, (_, text: string) => String(evaluate(text, scope))));
      continue;
    }
    const [, word, rest] = match;
    if (word === 'let') {
      const [name, text] = rest.split(/=(.*)/s, 2);
      scope.set(name.trim(), evaluate(text, scope));
    } else if (word === 'for') {
      const parts = /^(\w+)\s+in\s+(.*?)\.\.(.*)$/.exec(rest);
      if (!parts) throw new Error(`cannot read 'for ${rest}'`);
      const end = skip(lines, i + 1, false);
      const [first, last] = [Number(evaluate(parts[2], scope)), Number(evaluate(parts[3], scope))];
      for (let k = first; k < last; k++) expandLines(lines, i + 1, end, new Map(scope).set(parts[1], k), out);
      i = end;
    } else if (word === 'if') {
      let arm = i;
      let taken = truth(rest);
      for (;;) {
        const stop = skip(lines, arm + 1, true);
        if (taken) {
          expandLines(lines, arm + 1, stop, scope, out);
          i = skip(lines, arm + 1, false);
          break;
        }
        const [, next, condition] = DIRECTIVE.exec(lines[stop]) ?? ['', 'end', ''];
        if (next === 'end') {
          i = stop;
          break;
        }
        taken = next === 'else' || truth(condition);
        arm = stop;
      }
    } else throw new Error(`'//@${word}' has no beginning`);
  }
}

/** Expands one shader. Throws with the shader's name on a bad directive. */
export function expand(name: string, source: string, defines: Defines): string {
  const out: string[] = [];
  const lines = source.split('\n');
  try {
    expandLines(lines, 0, lines.length, new Map(Object.entries(defines)), out);
  } catch (error) {
    throw new Error(`shader ${name}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  return out.join('\n');
}
