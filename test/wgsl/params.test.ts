import { describe, expect, it } from 'vitest';
import { packParams, type Params } from '../../src/wgsl/params';
import { joinParams, paramsLayout } from '../../src/wgsl/params-layout';

/** The layout as `name: offset` with the size. */
function offsets(fields: string): Record<string, number> {
  const layout = paramsLayout(`struct Params { ${fields} }`);
  if (!layout) throw new Error('no struct Params');
  return { ...Object.fromEntries(layout.fields.map(({ name, offset }) => [name, offset])), size: layout.size };
}

function pack(fields: string, values: Params, base = 0): DataView {
  const layout = paramsLayout(`struct Params { ${fields} }`);
  if (!layout) throw new Error('no struct Params');
  const view = new DataView(new Uint8Array(base + layout.size).fill(0xff).buffer);
  packParams(layout, values, view, base);
  return view;
}

describe('paramsLayout', () => {
  it('is null where a shader has no parameters', () => {
    expect(paramsLayout('struct Other { n: u32 }\nfn main() {}')).toBeNull();
  });
  // WGSL specification, 13.4.1 "Alignment and Size": scalars 4, vec4 16, arrays of vec4 a stride of 16.
  it.each<[string, Record<string, number>]>([
    ['n: u32', { n: 0, size: 16 }],
    ['a: u32, b: i32, c: f32, d: u32', { a: 0, b: 4, c: 8, d: 12, size: 16 }],
    ['a: u32, b: u32, c: u32, d: u32, e: u32,', { a: 0, b: 4, c: 8, d: 12, e: 16, size: 32 }],
    ['a: vec4u, n: u32', { a: 0, n: 16, size: 32 }],
    ['n: u32, a: vec4f, m: u32', { n: 0, a: 16, m: 32, size: 48 }],
    [
      'n: u32, shape: array<vec4u, 2>, strides: array<vec4i,3>, x: f32',
      { n: 0, shape: 16, strides: 48, x: 96, size: 112 },
    ],
  ])('%s', (fields, expected) => {
    expect(offsets(fields)).toEqual(expected);
  });
  it('reads fields on lines of their own, and no comments', () => {
    const fields = '\n  // sizes: rows, then columns\n  rows: u32, // more: of them\n  columns: u32\n';
    expect(offsets(fields)).toEqual({ rows: 0, columns: 4, size: 16 });
  });
  it.each(['vec2u', 'vec3f', 'mat4x4f', 'array<f32, 4>', 'bool', 'vec4<u32>'])(
    'refuses %s, whose layout it does not know',
    (type) => {
      expect(() => paramsLayout(`struct Params { a: ${type} }`)).toThrow(
        `struct Params: type ${type} of a is not one of`,
      );
    },
  );
});

describe('joinParams', () => {
  it('makes one struct of the parts that libraries and the kernel declare', () => {
    const wgsl = joinParams(`struct Params { relu: u32, // 0 or 1
}
fn f() {}
struct Params {
  shape: vec4u,
  n: u32
}
struct Other { a: u32 }`);
    expect(paramsLayout(wgsl)?.fields.map(({ name, offset }) => [name, offset])).toEqual([
      ['relu', 0],
      ['shape', 16],
      ['n', 32],
    ]);
    expect(wgsl.match(/struct \w+/g)).toEqual(['struct Params', 'struct Other']);
    expect(wgsl).toContain('fn f() {}');
  });
  it('leaves a single struct where it is', () => {
    const wgsl = 'fn f() {}\nstruct Params { n: u32 }\n';
    expect(joinParams(wgsl)).toBe(wgsl);
  });
});

describe('packParams', () => {
  it('writes each type at its place, from a base on', () => {
    const view = pack(
      'n: u32, i: i32, x: f32, v: vec4f, a: array<vec4i, 2>',
      {
        n: 4294967295,
        i: -5,
        x: 0.5,
        v: [1, 2, 3, 4],
        a: [-1, 2, 3, 4, 5, 6, 7, 8],
      },
      256,
    );
    expect(view.getUint32(256, true)).toBe(4294967295);
    expect(view.getInt32(260, true)).toBe(-5);
    expect(view.getFloat32(264, true)).toBe(0.5);
    expect([0, 1, 2, 3].map((i) => view.getFloat32(272 + 4 * i, true))).toEqual([1, 2, 3, 4]);
    expect(Array.from({ length: 8 }, (_, i) => view.getInt32(288 + 4 * i, true))).toEqual([-1, 2, 3, 4, 5, 6, 7, 8]);
  });
  it('fills up a short list with zeros', () => {
    const view = pack('a: array<vec4u, 2>', { a: [7, 8] });
    expect(Array.from({ length: 8 }, (_, i) => view.getUint32(4 * i, true))).toEqual([7, 8, 0, 0, 0, 0, 0, 0]);
  });
  it.each<[string, string, Params, string]>([
    ['a missing value', 'n: u32, m: u32', { n: 1 }, 'Params.m has no value'],
    ['an unknown field', 'n: u32', { n: 1, rows: 2, columns: 3 }, 'Params has no field rows, columns'],
    ['a list that is too long', 'a: vec4u', { a: [1, 2, 3, 4, 5] }, 'Params.a holds 4 numbers, got 5'],
    ['a list for a scalar', 'n: u32', { n: [1, 2] }, 'Params.n holds 1 numbers, got 2'],
    ['NaN for an integer', 'n: u32', { n: NaN }, 'Params.n: expected an integer, got NaN'],
    ['a fraction for an integer', 'n: u32', { n: 1.5 }, 'Params.n: expected an integer, got 1.5'],
    ['a list with a hole', 'a: vec4i', { a: [1, Infinity] }, 'Params.a: expected an integer, got Infinity'],
  ])('refuses %s', (_, fields, values, message) => {
    expect(() => pack(fields, values)).toThrow(message);
  });
});
