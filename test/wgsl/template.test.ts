import { describe, expect, it } from 'vitest';
import { expand, type Defines } from '../../src/wgsl/template';

const lines = (source: readonly string[], defines: Defines = {}) => expand(source.join('\n'), defines).split('\n');

describe('values', () => {
  it('replaces every @{} in a line and leaves the rest as it is', () => {
    expect(lines(['  let a = @{N}u + @{N * 2}u; // @builtin {x}', 'array<@{T}>'], { N: 4, T: 'f32' })).toEqual([
      '  let a = 4u + 8u; // @builtin {x}',
      'array<f32>',
    ]);
  });
  it('leaves a source without directives alone', () => {
    const source = ['// a comment', '', '\t@compute @workgroup_size(64)', 'fn main() { if (a) { b(); } }'];
    expect(lines(source)).toEqual(source);
  });
});

describe('//@if', () => {
  const chain = [
    'a',
    '//@if K == 1',
    'one',
    '  //@elif K == 2',
    'two',
    '//@elif K == 3',
    'three',
    '//@else',
    'more',
    '//@end',
    'z',
  ];
  it.each([
    [1, 'one'],
    [2, 'two'],
    [3, 'three'],
    [4, 'more'],
  ])('takes one arm of a chain: K = %d', (K, arm) => {
    expect(lines(chain, { K })).toEqual(['a', arm, 'z']);
  });
  it('may have no else', () => {
    expect(lines(['//@if A', 'x', '//@elif B', 'y', '//@end', 'z'], { A: 0, B: 0 })).toEqual(['z']);
  });
  it('takes the first arm that is true', () => {
    expect(lines(['//@if 0', 'a', '//@elif 1', 'b', '//@elif 1', 'c', '//@end'])).toEqual(['b']);
  });
  it('evaluates nothing of the arms that are not taken', () => {
    expect(
      lines(['//@if 0', '@{MISSING}', '//@if MISSING', '//@end', '//@elif 1', 'b', '//@elif MISSING', '//@end']),
    ).toEqual(['b']);
  });
  it('nests', () => {
    const source = [
      '//@if A',
      '//@if B',
      'ab',
      '//@else',
      'a',
      '//@end',
      '//@else',
      '//@if B',
      'b',
      '//@end',
      '//@end',
    ];
    expect(lines(source, { A: 1, B: 1 })).toEqual(['ab']);
    expect(lines(source, { A: 1, B: 0 })).toEqual(['a']);
    expect(lines(source, { A: 0, B: 1 })).toEqual(['b']);
    expect(lines(source, { A: 0, B: 0 })).toEqual(['']);
  });
  it('needs no space before a parenthesis', () => {
    expect(lines(["//@if(OP == 'a')", 'x', '//@end'], { OP: 'a' })).toEqual(['x']);
  });
});

describe('//@for', () => {
  it('repeats its lines, the end excluded', () => {
    expect(lines(['//@for i in 0..3', 'x@{i}', '//@end'])).toEqual(['x0', 'x1', 'x2']);
  });
  it('counts between expressions, also from below zero', () => {
    expect(lines(['//@for i in -1..N - 1', 'x@{i * 2}', '//@end'], { N: 3 })).toEqual(['x-2', 'x0', 'x2']);
  });
  it.each(['2..2', '3..1'])('is empty for %s', (range) => {
    expect(lines([`//@for i in ${range}`, '@{MISSING}', '//@end', 'z'])).toEqual(['z']);
  });
  it('nests, with conditions inside', () => {
    const source = [
      '//@for i in 0..2',
      '//@for j in i..2',
      '//@if i == j',
      'd@{i}',
      '//@else',
      '@{i}@{j}',
      '//@end',
      '//@end',
      '//@end',
    ];
    expect(lines(source)).toEqual(['d0', '01', 'd1']);
  });
  it('forgets its name and what was defined inside', () => {
    expect(lines(['//@for i in 0..2', '//@let j = i + 1', '@{j}', '//@end', '@{j}'], { j: 9 })).toEqual([
      '1',
      '2',
      '9',
    ]);
    expect(() => lines(['//@for i in 0..2', '//@end', '@{i}'])).toThrow("'i' is not defined");
  });
});

describe('//@let', () => {
  it('defines a name for the lines below, from other names', () => {
    expect(lines(['//@let HALF = WG / 2', '//@let same = HALF == 32', '@{HALF} @{same}'], { WG: 64 })).toEqual([
      '32 1',
    ]);
  });
  it('can change a name, also inside an arm', () => {
    expect(lines(['//@let a = 1', '//@if 1', '//@let a = a + 1', '//@end', '@{a}'])).toEqual(['2']);
  });
});

describe('//@error', () => {
  const choice = ["//@if OP == 'add'", 'a + b', '//@else', "//@error no op '@{OP}'", '//@end'];
  it('throws its text, with values, where it is reached', () => {
    expect(() => lines(choice, { OP: 'mod' })).toThrow("line 4 '//@error no op '@{OP}'': no op 'mod'");
  });
  it('does nothing in an arm that is not taken', () => {
    expect(lines(choice, { OP: 'add' })).toEqual(['a + b']);
  });
});

describe('mistakes', () => {
  it.each<[string, string[], string]>([
    ['an undefined name', ['a', 'let n = @{MISSING};'], "line 2 'let n = @{MISSING};': 'MISSING' is not defined"],
    ['an undefined name in a condition', ['//@if FOO', '//@end'], "line 1 '//@if FOO': 'FOO' is not defined"],
    ['an empty condition', ['//@if', '//@end'], 'an expression ends too early'],
    ['no end of an if', ['a', '//@if 1', 'b'], "line 2 '//@if 1': its '//@end' is missing"],
    [
      'no end of a for',
      ['//@for i in 0..2', '//@if i', '//@end'],
      "line 1 '//@for i in 0..2': its '//@end' is missing",
    ],
    ['no end of an arm that is not taken', ['//@if 0', '//@if 1', '//@end'], "its '//@end' is missing"],
    ['an end too many', ['//@if 1', '//@end', '//@end'], "line 3 '//@end': '//@end' has no beginning"],
    ['an else alone', ['//@else'], "'//@else' has no beginning"],
    ['an elif in a for', ['//@for i in 0..2', '//@elif 1', '//@end'], "'//@elif' has no beginning"],
    ['a second else', ['//@if 1', '//@else', '//@else', '//@end'], "line 3 '//@else': '//@else' has no beginning"],
    ['an elif after the else', ['//@if 1', '//@else', '//@elif 1', '//@end'], "'//@elif' has no beginning"],
    ['a directive that does not exist', ['//@if 1', '  //@elseif 2', '//@end'], "unknown directive '//@elseif'"],
    ['no directive at all', ['//@ if 1'], "unknown directive '//@'"],
    ['something after an end', ['//@if 1', '//@end if'], "'if' follows '//@end'"],
    ['something after an else', ['//@if 1', '//@else if 2', '//@end'], "'if 2' follows '//@else'"],
    ['something after a condition', ['//@if 1 2', '//@end'], "something follows the expression '1 2'"],
    ['a for without a range', ['//@for i in 3', '//@end'], "expected '//@for NAME in EXPR..EXPR'"],
    ['a for over strings', ["//@for i in 0..'a'", '//@end'], "expected an integer, got 'a'"],
    ['a let without a value', ['//@let a'], "expected '//@let NAME = EXPR'"],
    ['a let without a name', ['//@let 1 = 2'], "expected '//@let NAME = EXPR'"],
  ])('names shader, line and mistake: %s', (_, source, message) => {
    expect(() => lines(source)).toThrow(message);
    expect(() => lines(source)).toThrow('line ');
  });
});
