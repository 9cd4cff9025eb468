/** The elements of an IDX file, as it stores them. */
export type IdxData = Uint8Array | Int8Array | Int16Array | Int32Array | Float32Array | Float64Array;

export interface IdxType {
  /** Bytes per element. */
  readonly size: number;
  /** The elements of `bytes`, which are big-endian; a view of single bytes, a copy of all else. */
  read(bytes: Uint8Array): IdxData;
}

const wide = (
  size: number,
  make: (length: number) => IdxData,
  get: (view: DataView, at: number) => number,
): IdxType => ({
  size,
  read: (bytes) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const data = make(bytes.length / size);
    for (let i = 0; i < data.length; i++) data[i] = get(view, i * size);
    return data;
  },
});

/** The six types by the byte that stands for them (http://yann.lecun.com/exdb/mnist, "THE IDX FILE FORMAT"). */
export const IDX_TYPES: ReadonlyMap<number, IdxType> = new Map([
  // Not subarray(): of a Node Buffer that is a Buffer, whose slice() is another than a Uint8Array's.
  [0x08, { size: 1, read: (b: Uint8Array) => new Uint8Array(b.buffer, b.byteOffset, b.length) }],
  [0x09, { size: 1, read: (b: Uint8Array) => new Int8Array(b.buffer, b.byteOffset, b.length) }],
  [
    0x0b,
    wide(
      2,
      (n) => new Int16Array(n),
      (view, at) => view.getInt16(at),
    ),
  ],
  [
    0x0c,
    wide(
      4,
      (n) => new Int32Array(n),
      (view, at) => view.getInt32(at),
    ),
  ],
  [
    0x0d,
    wide(
      4,
      (n) => new Float32Array(n),
      (view, at) => view.getFloat32(at),
    ),
  ],
  [
    0x0e,
    wide(
      8,
      (n) => new Float64Array(n),
      (view, at) => view.getFloat64(at),
    ),
  ],
]);
