import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FileError } from '../../src/device/file-error';
import { decodeSafetensors, encodeSafetensors, type HostTensor } from '../../src/serialize';

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

const TYPES = 'F32, I32, U32, F64, F16, BF16, BOOL, I8, U8, I16, U16, I64, U64';
const REMEDY = 'leave it out by the option `names` to read the others';

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
    expect(decodeOne('F64', Float64Array.of(0.1, -Infinity), [2])).toEqual(f32([2], 0.1, -Infinity));
    const ends = [2n ** 31n - 1n, -(2n ** 31n), -1n, 0n];
    expect(decodeOne('I64', BigInt64Array.from(ends), [4])).toEqual({
      dtype: 'int32',
      shape: [4],
      data: Int32Array.from(ends, Number),
    });
  });

  it('booleans and integers of 8, 16 and 64 bits, where 32 bits hold them', () => {
    const int32 = (...values: number[]) => ({ dtype: 'int32', shape: [values.length], data: Int32Array.from(values) });
    const uint32 = (...values: number[]) => ({
      dtype: 'uint32',
      shape: [values.length],
      data: Uint32Array.from(values),
    });
    expect(decodeOne('BOOL', Uint8Array.of(1, 0, 1), [3])).toEqual(uint32(1, 0, 1));
    expect(decodeOne('U8', Uint8Array.of(0, 255), [2])).toEqual(uint32(0, 255));
    expect(decodeOne('I8', Int8Array.of(127, -128), [2])).toEqual(int32(127, -128));
    expect(decodeOne('U16', Uint16Array.of(0, 65535), [2])).toEqual(uint32(0, 65535));
    expect(decodeOne('I16', Int16Array.of(32767, -32768), [2])).toEqual(int32(32767, -32768));
    expect(decodeOne('U64', BigUint64Array.of(0n, 2n ** 32n - 1n), [2])).toEqual(uint32(0, 2 ** 32 - 1));
  });

  describe('what is asked for beside what cannot be held', () => {
    // An I64 past int32, a type that is not known here, an empty tensor, and a weight.
    const header = JSON.stringify({
      id: { dtype: 'I64', shape: [1], data_offsets: [0, 8] },
      scale: { dtype: 'F8_E4M3', shape: [4], data_offsets: [8, 12] },
      weight: { dtype: 'F32', shape: [1], data_offsets: [12, 16] },
    });
    const bytes = file(header, 16);
    new DataView(bytes.buffer).setBigInt64(bytes.length - 16, 2n ** 40n, true);
    new DataView(bytes.buffer).setFloat32(bytes.length - 4, 1.5, true);

    it('by a list of names', () => {
      expect({ ...decodeSafetensors(bytes, 'f', ['weight']).tensors }).toEqual({ weight: f32([1], 1.5) });
    });
    it('by a function of the name', () => {
      const { tensors } = decodeSafetensors(bytes, 'f', (name) => name.startsWith('w'));
      expect({ ...tensors }).toEqual({ weight: f32([1], 1.5) });
    });
    it('and refuses by name what is asked for', () => {
      const id = `f: tensor "id": I64 value 1099511627776 at index 0 does not fit in int32; ${REMEDY}`;
      expect(messageOf(() => decodeSafetensors(bytes, 'f'))).toBe(id);
      expect(messageOf(() => decodeSafetensors(bytes, 'f', ['id']))).toBe(id);
      expect(messageOf(() => decodeSafetensors(bytes, 'f', ['scale', 'weight']))).toBe(
        `f: tensor "scale": expected one of ${TYPES}, got "F8_E4M3"; ${REMEDY}`,
      );
      expect(messageOf(() => decodeSafetensors(bytes, 'f', ['weight', 'bias']))).toBe('f: holds no tensor "bias"');
    });
  });

  it('as many tensors as there are', () => {
    const names = Array.from({ length: 100_000 }, (_, i) => `layers.${i}.weight`);
    const { tensors } = decodeSafetensors(
      encodeSafetensors(Object.fromEntries(names.map((n, i) => [n, f32([1], i)]))),
      'x',
    );
    expect(Object.keys(tensors)).toEqual(names);
    expect(tensors['layers.99999.weight'].data).toEqual(Float32Array.of(99_999));
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
    ['an empty file', new Uint8Array(), 'f: not a safetensors file: expected at least 8 bytes, got 0'],
    ['a header past the end', file('{}', 0, 3), 'f: truncated: header takes 3 bytes, file has 2'],
    [
      'a header over the limit',
      file('{}', 0, 100_000_001),
      'f: not a safetensors file: expected a header of at most 100000000 bytes, got 100000001',
    ],
    [
      'a header of 2^63 bytes',
      file('{}', 0, 2 ** 63),
      'f: not a safetensors file: expected a header of at most 100000000 bytes, got 9223372036854776000',
    ],
    ['an empty header', file(''), 'f: expected a header that begins with {, got ""'],
    ['a header that is a list', file('[]'), 'f: expected a header that begins with {, got "[]"'],
    ['a header after a space', file(' {}'), 'f: expected a header that begins with {, got " {}"'],
    ['a header that is not UTF-8', file(Uint8Array.of(0x7b, 0xff, 0x7d)), 'f: header is not UTF-8'],
    ['a header that is not JSON', file('{"a":}'), 'f: header is not JSON'],
    ['a header nested without end', file('{"a":'.repeat(200_000)), 'f: header is not JSON'],
    ['a name twice', file(`{"a":${a},"\\u0061":${a}}`, 4), 'f: header holds the key "a" twice'],
    ['a field twice', file(`{"a":{"dtype":"F32","dtype":"I32"}}`), 'f: header holds the key "dtype" twice'],
    [
      'metadata that is a list',
      file('{"__metadata__":[]}'),
      'f: expected __metadata__ to be an object of strings, got []',
    ],
    ['metadata that is no string', file('{"__metadata__":{"a":1}}'), 'f: __metadata__ "a": expected a string, got 1'],
    ['an entry that is no object', file('{"w":null}'), 'f: tensor "w": expected an object, got null'],
    ['an entry without dtype', file('{"w":{}}'), 'f: tensor "w": expected a dtype, got undefined'],
    [
      'a dtype from the prototype',
      w('toString', [2], [0, 8]),
      `f: tensor "w": expected one of ${TYPES}, got "toString"; ${REMEDY}`,
    ],
    ['a shape that is no list', w('F32', 2, [0, 8]), 'f: tensor "w": expected a shape of integers >= 0, got 2'],
    ['a negative size', w('F32', [-2], [0, 8]), 'f: tensor "w": expected a shape of integers >= 0, got [-2]'],
    ['a size and a half', w('F32', [1.5], [0, 8]), 'f: tensor "w": expected a shape of integers >= 0, got [1.5]'],
    ['a size in quotes', w('F32', ['2'], [0, 8]), 'f: tensor "w": expected a shape of integers >= 0, got ["2"]'],
    [
      'three offsets',
      w('F32', [2], [0, 8, 8]),
      'f: tensor "w": expected data_offsets of two integers >= 0, got [0,8,8]',
    ],
    [
      'no offsets',
      w('F32', [2], undefined),
      'f: tensor "w": expected data_offsets of two integers >= 0, got undefined',
    ],
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
      'metadata nested without end',
      file(`{"__metadata__":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}`),
      'f: __metadata__ "a": expected a string, got {...}',
    ],
    [
      'an entry nested without end',
      file(`{"w":${'['.repeat(100_000)}${']'.repeat(100_000)}}`),
      'f: tensor "w": expected an object, got [...]',
    ],
    [
      'a shape without end',
      w(
        'F32',
        Array.from({ length: 10_000 }, () => 1),
        [0, 8],
      ),
      'f: tensor "w": F32 of shape [1,1,1,1,1,1,1,1,... 10000 in all] takes 4 bytes, data_offsets [0,8] hold 8',
    ],
    [
      'a number past float32',
      one('F64', Float64Array.of(1, -1e300), [2]),
      `f: tensor "w": F64 value -1e+300 at index 1 is beyond the range of float32; ${REMEDY}`,
    ],
    [
      'a boolean that is none',
      one('BOOL', Uint8Array.of(1, 2), [2]),
      `f: tensor "w": BOOL value 2 at index 1, expected 0 or 1; ${REMEDY}`,
    ],
    [
      'an unsigned 64-bit integer past uint32',
      one('U64', BigUint64Array.of(2n ** 64n - 1n), [1]),
      `f: tensor "w": U64 value 18446744073709551615 at index 0 does not fit in uint32; ${REMEDY}`,
    ],
    [
      'a 64-bit integer past int32',
      one('I64', BigInt64Array.of(0n, -(2n ** 31n) - 1n), [2]),
      `f: tensor "w": I64 value -2147483649 at index 1 does not fit in int32; ${REMEDY}`,
    ],
  ];

  it.each(cases)('%s', (_, bytes, message) => {
    expect(() => decodeSafetensors(bytes, 'f')).toThrow(FileError);
    expect(messageOf(() => decodeSafetensors(bytes, 'f'))).toBe(message);
  });

  it('hostile names, in one short line', () => {
    const message = messageOf(() => decodeSafetensors(file(JSON.stringify({ ['x\n'.repeat(10_000)]: 0 })), 'f'));
    expect(message).toMatch(/^f: tensor "x\\n[^\n]*: expected an object, got 0$/);
    expect(message.length).toBeLessThan(200);
  });

  it('names that end a line somewhere, in one line', () => {
    const name = 'a\u2028b\u0085c\r\nd';
    const message = messageOf(() => decodeSafetensors(file(JSON.stringify({ [name]: 0 })), 'f'));
    expect(message).toBe('f: tensor "a\\u2028b\\u0085c\\r\\nd": expected an object, got 0');
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
    ['too little data', { w: f32([3], 1, 2) }, 'tensor "w": expected 3 elements for shape [3], got 2'],
    ['a negative size', { w: f32([-1, -2], 1, 2) }, 'tensor "w": expected a shape of integers >= 0, got [-1,-2]'],
    [
      'data of another type',
      { w: { dtype: 'int32', shape: [1], data: Float32Array.of(1) } },
      'tensor "w": expected Int32Array for int32, got Float32Array',
    ],
    [
      'the name of the metadata',
      { __metadata__: f32([1], 1) },
      'tensor "__metadata__": the format reserves this name for its metadata',
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
