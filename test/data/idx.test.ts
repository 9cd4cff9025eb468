import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseIdx } from '../../src/data/idx';
import { FileError } from '../../src/device/file-error';

/** An IDX file: header fields as given, data as given, whether or not they agree. */
function idx(shape: number[], data: Uint8Array, type = 0x08): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * shape.length + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(2, type);
  view.setUint8(3, shape.length);
  shape.forEach((size, i) => {
    view.setUint32(4 + 4 * i, size);
  });
  bytes.set(data, 4 + 4 * shape.length);
  return bytes;
}

const zip = (bytes: Uint8Array) => new Uint8Array(gzipSync(bytes));
const six = Uint8Array.of(1, 2, 3, 4, 5, 255);

describe('parseIdx reads', () => {
  it('any shape, raw and gzipped', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 4 }), async (shape) => {
        const data = Uint8Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => i * 31);
        for (const bytes of [idx(shape, data), zip(idx(shape, data))]) {
          expect(await parseIdx(bytes, 'x')).toEqual({ shape, data });
        }
      }),
      { numRuns: 50 },
    );
  });

  it('a header of 255 dimensions', async () => {
    const shape = Array.from({ length: 255 }, () => 1);
    expect((await parseIdx(zip(idx(shape, Uint8Array.of(9))), 'x')).shape).toEqual(shape);
  });

  it('a view at an odd offset of a larger buffer', async () => {
    for (const bytes of [idx([2, 3], six), zip(idx([2, 3], six))]) {
      const room = new Uint8Array(bytes.length + 9).fill(0xee);
      room.set(bytes, 5);
      expect(await parseIdx(room.subarray(5, 5 + bytes.length), 'x')).toEqual({ shape: [2, 3], data: six });
    }
  });

  it('a Node Buffer, to a plain Uint8Array that is a view where the file is raw', async () => {
    const raw = Buffer.from(idx([2, 3], six));
    for (const bytes of [raw, gzipSync(raw)]) {
      const { data } = await parseIdx(bytes, 'x');
      expect(data.constructor).toBe(Uint8Array);
      expect(data).toEqual(six);
      expect(data.buffer === bytes.buffer).toBe(bytes === raw);
    }
  });

  it('a gzip file of many chunks', async () => {
    const data = Uint8Array.from({ length: 300_000 }, (_, i) => (Math.imul(i, 2_654_435_761) >>> 13) & 255);
    expect(Buffer.from((await parseIdx(zip(idx([300_000], data)), 'x')).data).equals(data)).toBe(true);
  });
});

describe('parseIdx reads each element type', () => {
  // The file's bytes, big-endian, and the same numbers: two's complement and IEEE 754 by hand.
  const cases: [string, number, number[], ArrayBufferView][] = [
    ['unsigned bytes', 0x08, [0, 1, 255], Uint8Array.of(0, 1, 255)],
    ['signed bytes', 0x09, [0, 1, 255], Int8Array.of(0, 1, -1)],
    ['int16', 0x0b, [1, 2, 0xff, 0xfe], Int16Array.of(258, -2)],
    ['int32 (as the labels of QMNIST)', 0x0c, [0, 0, 0, 7, 0xff, 0xff, 0xff, 0xf6], Int32Array.of(7, -10)],
    ['float32', 0x0d, [0x3f, 0x80, 0, 0, 0xc0, 0x20, 0, 0], Float32Array.of(1, -2.5)],
    ['float64', 0x0e, [0x3f, 0xb9, 0x99, 0x99, 0x99, 0x99, 0x99, 0x9a], Float64Array.of(0.1)],
  ];
  it.each(cases)('%s, raw and gzipped, at any offset', async (_, type, bytes, data) => {
    const file = idx([(data as Uint8Array).length], Uint8Array.from(bytes), type);
    const room = new Uint8Array(file.length + 3);
    room.set(file, 3);
    for (const source of [file, zip(file), room.subarray(3)]) expect((await parseIdx(source, 'x')).data).toEqual(data);
  });
  it('but inflates no more than it may', async () => {
    const file = zip(idx([6], six));
    expect((await parseIdx(file, 'x', { maxBytes: 6 })).data).toEqual(six);
    await expect(parseIdx(file, 'x', { maxBytes: 5 })).rejects.toThrow('x: expected at most 5 bytes in a gzip file');
  });
});

describe('parseIdx refuses', () => {
  const flipped = (at: number) => {
    const bytes = zip(idx([2, 3], six));
    bytes[bytes.length + at] ^= 1;
    return bytes;
  };
  const cases: [string, Uint8Array, string | RegExp][] = [
    ['an empty file', new Uint8Array(), 'f: truncated: expected an IDX header of at least 4 bytes, file has 0'],
    [
      'another kind of file',
      Uint8Array.of(0x50, 0x4b, 3, 4),
      'f: not an IDX file: expected it to start with 00 00 and an element type, got 50 4b 03 04',
    ],
    ['an unknown type', idx([1], six, 0x77), 'f: expected an element type of 08 09 0b 0c 0d 0e, got 77'],
    [
      'a size that its type does not divide',
      idx([2], six, 0x0b),
      'f: too long: header promises 2 of 2 bytes = 4 bytes, file has 6',
    ],
    ['no dimensions', idx([], six), 'f: expected at least 1 dimension, the header has 0'],
    [
      'a header cut short',
      idx([2, 3], six).subarray(0, 9),
      'f: truncated: expected a header of 12 bytes for 2 dimensions, file has 9',
    ],
    ['a zero dimension', idx([2, 0], six), 'f: dimension 1 of 2x0 is zero, expected at least 1'],
    [
      'too little data',
      idx([60_000, 28, 28], new Uint8Array(123)),
      'f: truncated: header promises 60000x28x28 = 47040000 bytes, file has 123',
    ],
    ['too much data', idx([5], six), 'f: too long: header promises 5 = 5 bytes, file has 6'],
    ['a product past 2^53', idx([2 ** 32 - 1, 2 ** 32 - 1, 9], six), /^f: truncated: header promises .* file has 6$/],
    ['a short file, gzipped', zip(idx([7], six)), 'f: truncated: header promises 7 = 7 bytes, file has 6'],
    ['a long file, gzipped', zip(idx([5], six)), 'f: too long: header promises 5 = 5 bytes, file has more'],
    [
      'a promise past 1 GiB, gzipped',
      zip(idx([2 ** 31], six)),
      'f: expected at most 1073741824 bytes in a gzip file (maxBytes): header promises 2147483648 = 2147483648 bytes',
    ],
    [
      'more than its bytes of gzip can hold',
      zip(idx([2 ** 29], six)),
      /^f: truncated: header promises 536870912 = 536870912 bytes, more than \d+ bytes of gzip can hold$/,
    ],
    [
      '255 dimensions in a short message',
      idx(
        Array.from({ length: 255 }, () => 2 ** 32 - 1),
        six,
      ),
      /^f: truncated: header promises (4294967295x){8}\.\.\. = Infinity bytes, file has 6$/,
    ],
    ['gzip cut short', zip(idx([2, 3], six)).subarray(0, 15), /^f: gzip data is corrupt or cut short \(.+\)$/],
    ['gzip of 3 bytes', zip(six).subarray(0, 3), /^f: gzip data is corrupt or cut short \(.+\)$/],
    ['gzip with a wrong checksum', flipped(-6), /^f: gzip data is corrupt or cut short \(.+\)$/],
    ['gzip with a wrong length', flipped(-1), /^f: gzip data is corrupt or cut short \(.+\)$/],
  ];

  it.each(cases)('%s', async (_, bytes, message) => {
    const error: unknown = await parseIdx(bytes, 'f').then(
      () => 'no error',
      (e: unknown) => e,
    );
    expect(error).toBeInstanceOf(FileError);
    const text = (error as FileError).message;
    expect(text).toEqual(typeof message === 'string' ? message : expect.stringMatching(message));
    expect(text).not.toContain('\n');
  });

  it('a gzip bomb, without inflating it', async () => {
    const bomb = zip(idx([4], new Uint8Array(200_000_000)));
    const before = process.memoryUsage().arrayBuffers;
    await expect(parseIdx(bomb, 'bomb')).rejects.toThrow('bomb: too long: header promises 4 = 4 bytes, file has more');
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50_000_000);
  });

  it('random bytes, always with an Error that names the file', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 64 }), fc.constantFrom([], [0x1f, 0x8b, 8]), async (noise, head) => {
        await parseIdx(Uint8Array.from([...head, ...noise]), 'noise').catch((error: unknown) => {
          expect((error as Error).message).toMatch(/^noise: [^\n]+$/);
        });
      }),
    );
  });
});
