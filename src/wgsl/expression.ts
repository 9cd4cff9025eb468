/** What a name stands for in the template language of shaders/*.wgsl. */
export type Value = number | string;

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
  if (typeof a === 'string' || typeof b === 'string')
    throw new Error(`'${op}' expects integers, got '${a}' and '${b}'`);
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
    default:
      if (b === 0) throw new Error(`'${a} ${op} 0' has no value`);
      return op === '/' ? Math.trunc(a / b) : a % b;
  }
}

type Token = { value: Value } | { name: string } | { op: string };

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  const end = text.trimEnd().length;
  while (TOKEN.lastIndex < end) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (!match) throw new Error(`cannot read '${text.slice(at).trim()}'`);
    if (match[1]) tokens.push({ value: Number(match[1]) });
    else if (match[2] || match[0].includes("'")) tokens.push({ value: match[2] });
    else if (match[3]) tokens.push({ name: match[3] });
    else tokens.push({ op: match[4] });
  }
  return tokens;
}

/** The value of one expression. Throws on a name that is not defined and on bad syntax. */
export function evaluate(text: string, scope: ReadonlyMap<string, Value>): Value {
  const tokens = tokenize(text);
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
  if (next < tokens.length) throw new Error(`something follows the expression '${text.trim()}'`);
  return value;
}

/** The value of an expression that must be a number. Throws as `evaluate` does. */
export function evaluateInteger(text: string, scope: ReadonlyMap<string, Value>): number {
  const value = evaluate(text, scope);
  if (typeof value === 'string') throw new Error(`expected an integer, got '${value}'`);
  return value;
}
