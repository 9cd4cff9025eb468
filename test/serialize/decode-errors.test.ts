import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FileError } from '../../src/device/file-error';
import { decodeSafetensors, encodeSafetensors } from '../../src/serialize';
import { entry, f32, file, messageOf, one, REMEDY, TYPES } from './safetensors-bytes';

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
