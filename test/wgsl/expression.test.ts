import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluate, evaluateInteger, type Value } from '../../src/wgsl/expression';

const SCOPE = new Map<string, Value>([
  ['WG', 64],
  ['K', 3],
  ['ZERO', 0],
  ['OP', 'add'],
  ['EMPTY', ''],
]);
const value = (text: string) => evaluate(text, SCOPE);

describe('evaluate', () => {
  it.each<[string, Value]>([
    ['7', 7],
    ["'relu'", 'relu'],
    ["''", ''],
    ['WG', 64],
    ['OP', 'add'],
    ['2 + 3 * 4', 14],
    ['(2 + 3) * 4', 20],
    ['10 - 4 - 3', 3],
    ['WG/4/K', 5],
    ['7 / 2', 3],
    ['-7 / 2', -3],
    ['7 % 4', 3],
    ['-7 % 4', -3],
    ['- - 5', 5],
    ['2 * -3', -6],
    ['1 < 2', 1],
    ['2 <= 1', 0],
    ['2 > 1', 1],
    ['2 >= 3', 0],
    ['1 + 1 == 2', 1],
    ['1 != 1', 0],
    ["OP == 'add'", 1],
    ["OP != 'add'", 0],
    ["EMPTY == ''", 1],
    ["'1' == 1", 0],
    ['!K', 0],
    ['!ZERO', 1],
    ['!!K', 1],
    ['K && ZERO', 0],
    ['K || ZERO', 1],
    ['1 || 1 && 0', 1],
    ['(1 || 1) && 0', 0],
    ["OP == 'mul' || OP == 'add' && K == 3", 1],
    ['  K\t+ 1  ', 4],
  ])('%s is %j', (text, expected) => {
    expect(value(text)).toBe(expected);
  });

  it.each([
    ['MISSING', "'MISSING' is not defined"],
    ['', 'an expression ends too early'],
    ['1 +', 'an expression ends too early'],
    ['(1 + 2', "')' is missing"],
    ['1 2', "something follows the expression '1 2'"],
    ['1)', "something follows the expression '1)'"],
    ['* 2', "'*' stands where a value should"],
    ['1 + # 2', "cannot read '# 2'"],
    ['1.5', "cannot read '.5'"],
    ["'open", "cannot read ''open'"],
    ['OP + 1', "'+' expects integers, got 'add' and '1'"],
    ['-OP', "'-' expects integers, got '0' and 'add'"],
    ["OP < 'b'", "'<' expects integers"],
    ['K / ZERO', "'3 / 0' has no value"],
    ['K % ZERO', "'3 % 0' has no value"],
  ])('refuses %s', (text, message) => {
    expect(() => value(text)).toThrow(message);
  });

  it('rejects text where an integer is needed', () => {
    expect(evaluateInteger('K * 2', SCOPE)).toBe(6);
    expect(() => evaluateInteger('OP', SCOPE)).toThrow("expected an integer, got 'add'");
  });

  it('agrees with JavaScript on integers', () => {
    interface Sum {
      readonly text: string;
      readonly value: number;
    }
    const rules: Record<string, (a: number, b: number) => number> = {
      '+': (a, b) => a + b,
      '-': (a, b) => a - b,
      '*': (a, b) => a * b,
      '/ 7 -': (a, b) => Math.trunc(a / 7) - b,
      '% 7 +': (a, b) => (a % 7) + b,
      '<': (a, b) => Number(a < b),
      '==': (a, b) => Number(a === b),
      '&&': (a, b) => Number(a !== 0 && b !== 0),
      '||': (a, b) => Number(a !== 0 || b !== 0),
    };
    const { sum } = fc.letrec<{ sum: Sum }>((tie) => ({
      sum: fc.oneof(
        { depthSize: 'small' },
        fc.nat(99).map((n): Sum => ({ text: String(n), value: n })),
        fc
          .tuple(tie('sum'), fc.constantFrom(...Object.keys(rules)), tie('sum'))
          .map(([a, op, b]): Sum => ({ text: `(${a.text} ${op} ${b.text})`, value: rules[op](a.value, b.value) })),
      ),
    }));
    fc.assert(
      fc.property(sum, (made) => {
        fc.pre(Number.isSafeInteger(made.value));
        expect(evaluateInteger(made.text, SCOPE) + 0).toBe(made.value + 0);
      }),
      { seed: 5, numRuns: 300 },
    );
  });
});
