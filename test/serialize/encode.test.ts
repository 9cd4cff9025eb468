import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeSafetensors, encodeSafetensors, type HostTensor } from '../../src/serialize';
import { f32, messageOf } from './safetensors-bytes';

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
