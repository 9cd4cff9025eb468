import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeSafetensors, encodeSafetensors, type HostTensor } from '../../src/serialize/safetensors';

const f32 = (shape: number[], ...values: number[]): HostTensor => ({
  dtype: 'float32',
  shape,
  data: Float32Array.from(values),
});

/** A file with this header text and `data` bytes of data; `length` overrides the length that the file claims for the header. */
function file(header: string | Uint8Array, data = 0, length?: number): Uint8Array {
  const text = typeof header === 'string' ? new TextEncoder().encode(header) : header;
  const bytes = new Uint8Array(8 + text.length + data);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length ?? text.length), true);
  bytes.set(text, 8);
  return bytes;
}

const entry = (dtype: string, shape: unknown, offsets: unknown) =>
  JSON.stringify({ dtype, shape, data_offsets: offsets });

/** One tensor `w` whose data section holds `data`. */
function one(dtype: string, data: ArrayBufferView, shape: number[]): Uint8Array {
  const bytes = file(`{"w":${entry(dtype, shape, [0, data.byteLength])}}`, data.byteLength);
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), bytes.length - data.byteLength);
  return bytes;
}

const decodeOne = (dtype: string, data: ArrayBufferView, shape: number[]) =>
  decodeSafetensors(one(dtype, data, shape), 'f').tensors.w;

function messageOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return error instanceof Error ? error.message : 'not an Error';
  }
  return 'no error';
}

describe('a round trip', () => {
  const bits = fc.integer({ min: 0, max: 0xffffffff });
  const tensor = fc
    .tuple(
      fc.constantFrom('float32' as const, 'int32' as const, 'uint32' as const),
      fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 }),
      bits,
    )
    .map(([dtype, shape, seed]): HostTensor => {
      const words = Uint32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => seed + i * 0x9e3779b9);
      const data = { float32: Float32Array, int32: Int32Array, uint32: Uint32Array };
      return { dtype, shape, data: new data[dtype](words.buffer) };
    });
  const name = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom('__proto__', 'constructor', '0', 'conv.0.weight'),
  );
  const wordsOf = (data: HostTensor['data']) => Array.from(new Uint32Array(data.buffer));

  it('keeps names, shapes, types, metadata and every bit (NaN payloads too)', () => {
    fc.assert(
      fc.property(fc.dictionary(name, tensor), fc.dictionary(name, fc.string()), (tensors, metadata) => {
        const read = decodeSafetensors(encodeSafetensors(tensors, metadata), 'x');
        expect(Object.entries(read.metadata)).toEqual(Object.entries(metadata));
        expect(Object.keys(read.tensors)).toEqual(Object.keys(tensors));
        for (const [key, { dtype, shape, data }] of Object.entries(tensors)) {
          const back = read.tensors[key];
          expect([back.dtype, back.shape, wordsOf(back.data)]).toEqual([dtype, shape, wordsOf(data)]);
          expect(back.data.constructor).toBe(data.constructor);
        }
      }),
    );
  });

  it('aligns the data to 8 bytes, pads with spaces and is the same each time', () => {
    for (const key of ['a', 'ab', 'abc', 'abcdefg']) {
      const bytes = encodeSafetensors({ [key]: f32([1], 1) });
      const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
      expect(length % 8).toBe(0);
      expect(bytes.length).toBe(8 + length + 4);
      expect(new TextDecoder().decode(bytes.subarray(8, 8 + length))).toMatch(/^\{.*\} *$/);
      expect(encodeSafetensors({ [key]: f32([1], 1) })).toEqual(bytes);
    }
  });

  it('writes what a view sees, not its whole buffer', () => {
    const data = Float32Array.of(1, 2, 3, 4).subarray(1, 3);
    const read = decodeSafetensors(encodeSafetensors({ w: { dtype: 'float32', shape: [2], data } }), 'x');
    expect(read.tensors.w.data).toEqual(Float32Array.of(2, 3));
  });

  it('takes nothing and gives nothing', () => {
    const read = decodeSafetensors(encodeSafetensors({}), 'x');
    expect(Object.keys(read.tensors)).toEqual([]);
    expect(Object.keys(read.metadata)).toEqual([]);
  });

  it('keeps a tensor called __proto__ a key like any other', () => {
    const tensors = Object.create(null) as Record<string, HostTensor>;
    tensors['__proto__'] = f32([1], 5);
    const read = decodeSafetensors(encodeSafetensors(tensors), 'x').tensors;
    expect(Object.getPrototypeOf(read)).toBeNull();
    expect(read['__proto__'].data).toEqual(Float32Array.of(5));
    expect(({} as { dtype?: string }).dtype).toBeUndefined();
  });
});

describe('decodeSafetensors reads', () => {
  it('a file that the reference implementation wrote', () => {
    // Python safetensors 0.8.0: save({w, n, h, d, u, i}, {'by': 'reference'}) of numpy arrays.
    const base64 =
      'cAEAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJieSI6InJlZmVyZW5jZSJ9LCJuIjp7ImR0eXBlIjoiSTY0Iiwic2hhcGUiOltdLCJkYXRhX29mZnNldHMi' +
      'OlswLDhdfSwiZCI6eyJkdHlwZSI6IkY2NCIsInNoYXBlIjpbMV0sImRhdGFfb2Zmc2V0cyI6WzgsMTZdfSwidyI6eyJkdHlwZSI6IkYzMiIsInNo' +
      'YXBlIjpbMiwyXSwiZGF0YV9vZmZzZXRzIjpbMTYsMzJdfSwidSI6eyJkdHlwZSI6IlUzMiIsInNoYXBlIjpbMV0sImRhdGFfb2Zmc2V0cyI6WzMy' +
      'LDM2XX0sImkiOnsiZHR5cGUiOiJJMzIiLCJzaGFwZSI6WzFdLCJkYXRhX29mZnNldHMiOlszNiw0MF19LCJoIjp7ImR0eXBlIjoiRjE2Iiwic2hh' +
      'cGUiOls0XSwiZGF0YV9vZmZzZXRzIjpbNDAsNDhdfX0gICAgIAcAAAAAAAAAmpmZmZmZuT8AAIA/AAAgwAAAUEAAAIBA//////v///8APAC4AQD/' +
      'ew==';
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const { tensors, metadata } = decodeSafetensors(bytes, 'x');
    expect({ ...metadata }).toEqual({ by: 'reference' });
    expect({ ...tensors }).toEqual({
      n: { dtype: 'int32', shape: [], data: Int32Array.of(7) },
      d: f32([1], 0.1),
      w: f32([2, 2], 1, -2.5, 3.25, 4),
      u: { dtype: 'uint32', shape: [1], data: Uint32Array.of(4294967295) },
      i: { dtype: 'int32', shape: [1], data: Int32Array.of(-5) },
      h: f32([4], 1, -0.5, 2 ** -24, 65504),
    });
  });

  it('unaligned data from a part of a buffer, as its own copy', () => {
    const source = file(`{"w":${entry('F32', [1], [0, 4])}} `, 4);
    const bytes = new Uint8Array(source.length + 1).subarray(1);
    bytes.set(source);
    const { data } = decodeSafetensors(bytes, 'x').tensors.w;
    bytes.fill(0xff);
    expect(data).toEqual(Float32Array.of(0));
    expect(data.buffer.byteLength).toBe(4);
  });

  it('every F16 value', () => {
    const halves = Uint16Array.from({ length: 65536 }, (_, i) => i);
    const { data } = decodeOne('F16', halves, [65536]);
    for (let i = 0; i < 65536; i++) {
      const [sign, exponent, mantissa] = [i >> 15 ? -1 : 1, (i >> 10) & 31, i & 1023];
      const whole = exponent === 31 ? (mantissa ? NaN : Infinity) : (1 + mantissa / 1024) * 2 ** (exponent - 15);
      const wanted = sign * (exponent === 0 ? mantissa * 2 ** -24 : whole);
      if (!Object.is(data[i], wanted)) expect.fail(`half ${i}: ${data[i]} instead of ${wanted}`);
    }
  });

  it('BF16, F64 and I64', () => {
    expect(decodeOne('BF16', Uint16Array.of(0x3f80, 0xc020, 0x7f80), [3])).toEqual(f32([3], 1, -2.5, Infinity));
    expect(decodeOne('F64', Float64Array.of(0.1, -1e300), [2])).toEqual(f32([2], 0.1, -Infinity));
    const ends = [2n ** 31n - 1n, -(2n ** 31n), -1n, 0n];
    expect(decodeOne('I64', BigInt64Array.from(ends), [4])).toEqual({
      dtype: 'int32',
      shape: [4],
      data: Int32Array.from(ends, Number),
    });
  });

  it('tensors of no elements, wherever they lie', () => {
    const header = `{"a":${entry('F32', [0, 3], [0, 0])},"b":${entry('I32', [1], [0, 4])},"c":${entry('F32', [0], [4, 4])}}`;
    expect(Object.keys(decodeSafetensors(file(header, 4), 'x').tensors)).toEqual(['a', 'b', 'c']);
  });
});

describe('decodeSafetensors refuses', () => {
  const w = (dtype: string, shape: unknown, offsets: unknown, data = 8) =>
    file(`{"w":${entry(dtype, shape, offsets)}}`, data);
  const a = entry('F32', [1], [0, 4]);
  const cases: [string, Uint8Array, string][] = [
    ['an empty file', new Uint8Array(), 'f: not a safetensors file: has 0 bytes, wanted at least 8'],
    ['a header past the end', file('{}', 0, 3), 'f: truncated: header takes 3 bytes, file has 2'],
    [
      'a header over the limit',
      file('{}', 0, 100_000_001),
      'f: not a safetensors file: header of 100000001 bytes, wanted at most 100000000',
    ],
    [
      'a header of 2^63 bytes',
      file('{}', 0, 2 ** 63),
      'f: not a safetensors file: header of 9223372036854776000 bytes, wanted at most 100000000',
    ],
    ['an empty header', file(''), 'f: header begins with "", wanted {'],
    ['a header that is a list', file('[]'), 'f: header begins with "[]", wanted {'],
    ['a header after a space', file(' {}'), 'f: header begins with " {}", wanted {'],
    ['a header that is not UTF-8', file(Uint8Array.of(0x7b, 0xff, 0x7d)), 'f: header is not UTF-8'],
    ['a header that is not JSON', file('{"a":}'), 'f: header is not JSON'],
    ['a header nested without end', file('{"a":'.repeat(200_000)), 'f: header is not JSON'],
    ['a name twice', file(`{"a":${a},"\\u0061":${a}}`, 4), 'f: header holds the key "a" twice'],
    ['a field twice', file(`{"a":{"dtype":"F32","dtype":"I32"}}`), 'f: header holds the key "dtype" twice'],
    ['metadata that is a list', file('{"__metadata__":[]}'), 'f: __metadata__ is [], wanted an object of strings'],
    ['metadata that is no string', file('{"__metadata__":{"a":1}}'), 'f: __metadata__ "a" is 1, wanted a string'],
    ['an entry that is no object', file('{"w":null}'), 'f: tensor "w": is null, wanted an object'],
    [
      'an entry without dtype',
      file('{"w":{}}'),
      'f: tensor "w": dtype null is not read, wanted one of F32, I32, U32, F64, F16, BF16, I64',
    ],
    [
      'a dtype from the prototype',
      w('toString', [2], [0, 8]),
      'f: tensor "w": dtype "toString" is not read, wanted one of F32, I32, U32, F64, F16, BF16, I64',
    ],
    ['a shape that is no list', w('F32', 2, [0, 8]), 'f: tensor "w": shape 2, wanted a list of whole numbers from 0'],
    ['a negative size', w('F32', [-2], [0, 8]), 'f: tensor "w": shape [-2], wanted a list of whole numbers from 0'],
    ['a size and a half', w('F32', [1.5], [0, 8]), 'f: tensor "w": shape [1.5], wanted a list of whole numbers from 0'],
    ['a size in quotes', w('F32', ['2'], [0, 8]), 'f: tensor "w": shape ["2"], wanted a list of whole numbers from 0'],
    ['three offsets', w('F32', [2], [0, 8, 8]), 'f: tensor "w": data_offsets [0,8,8], wanted two whole numbers from 0'],
    ['no offsets', w('F32', [2], undefined), 'f: tensor "w": data_offsets null, wanted two whole numbers from 0'],
    ['offsets backwards', w('F32', [2], [8, 0]), 'f: tensor "w": data_offsets [8,0] end before they begin'],
    [
      'offsets past the end',
      w('F32', [3], [0, 12]),
      'f: tensor "w": data_offsets [0,12] pass the end of the data, 8 bytes',
    ],
    [
      'a size that differs',
      w('F32', [3], [0, 8]),
      'f: tensor "w": F32 of shape [3] takes 12 bytes, data_offsets [0,8] hold 8',
    ],
    [
      'a product that wraps around at 2^64',
      w('F32', [2 ** 32, 2 ** 32, 2], [0, 0], 0),
      'f: tensor "w": F32 of shape [4294967296,4294967296,2] takes 147573952589676410000 bytes, data_offsets [0,0] hold 0',
    ],
    [
      'an overlap',
      file(`{"a":${a},"b":${entry('F32', [1], [2, 6])}}`, 6),
      'f: tensor "b": data_offsets [2,6] overlap those of tensor "a", which end at 4',
    ],
    [
      'two tensors in one place',
      file(`{"a":${a},"b":${a}}`, 4),
      'f: tensor "b": data_offsets [0,4] overlap those of tensor "a", which end at 4',
    ],
    [
      'a hole',
      file(`{"a":${a},"b":${entry('F32', [1], [8, 12])}}`, 12),
      'f: tensor "b": data_offsets [8,12] leave a hole: bytes 4 to 8 belong to no tensor',
    ],
    ['bytes at the end', file(`{"a":${a}}`, 9), 'f: bytes 4 to 9 of the data belong to no tensor'],
    [
      'a 64-bit integer past int32',
      one('I64', BigInt64Array.of(0n, -(2n ** 31n) - 1n), [2]),
      'f: tensor "w": I64 value -2147483649 at index 1 does not fit in int32',
    ],
  ];

  it.each(cases)('%s', (_, bytes, message) => {
    expect(messageOf(() => decodeSafetensors(bytes, 'f'))).toBe(message);
  });

  it('hostile names, in one short line', () => {
    const message = messageOf(() => decodeSafetensors(file(JSON.stringify({ ['x\n'.repeat(10_000)]: 0 })), 'f'));
    expect(message).toMatch(/^f: tensor "x\\n[^\n]*: is 0, wanted an object$/);
    expect(message.length).toBeLessThan(200);
  });

  it('any single changed byte of the header with an Error, or reads it', () => {
    const good = encodeSafetensors({ a: f32([2], 1, 2), b: f32([], 3) }, { k: 'v' });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: good.length - 13 }), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const bytes = good.slice();
        bytes[at] ^= change;
        const message = messageOf(() => decodeSafetensors(bytes, 'f'));
        expect(message).toMatch(/^(f: [^\n]+|no error)$/);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('encodeSafetensors refuses', () => {
  const cases: [string, Record<string, HostTensor>, string][] = [
    ['too little data', { w: f32([3], 1, 2) }, 'tensor "w": shape [3] wants 3 elements, data has 2'],
    ['a negative size', { w: f32([-1, -2], 1, 2) }, 'tensor "w": shape [-1, -2], wanted whole numbers from 0'],
    [
      'data of another type',
      { w: { dtype: 'int32', shape: [1], data: Float32Array.of(1) } },
      'tensor "w": dtype int32 but data is a Float32Array, wanted Int32Array',
    ],
    [
      'the name of the metadata',
      { __metadata__: f32([1], 1) },
      'tensor "__metadata__": the format keeps this name for its metadata',
    ],
    ['half a surrogate pair', { 'a\ud800': f32([1], 1) }, 'tensor "a\\ud800" holds half of a surrogate pair'],
  ];
  it.each(cases)('%s', (_, tensors, message) => {
    expect(messageOf(() => encodeSafetensors(tensors))).toBe(`encodeSafetensors: ${message}`);
  });

  it('half a surrogate pair in metadata', () => {
    expect(messageOf(() => encodeSafetensors({}, { '\ud83d': '\ude00' }))).toMatch(
      /^encodeSafetensors: metadata .* surrogate/,
    );
  });
});
