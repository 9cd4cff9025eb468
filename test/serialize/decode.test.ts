import { describe, expect, it } from 'vitest';
import { decodeSafetensors, encodeSafetensors } from '../../src/serialize';
import { decodeOne, entry, f32, file, messageOf, REMEDY, TYPES } from './safetensors-bytes';

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
      const normal = exponent === 31 ? (mantissa ? NaN : Infinity) : (1 + mantissa / 1024) * 2 ** (exponent - 15);
      const expected = sign * (exponent === 0 ? mantissa * 2 ** -24 : normal);
      if (!Object.is(data[i], expected)) expect.fail(`half ${i}: ${data[i]} instead of ${expected}`);
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
