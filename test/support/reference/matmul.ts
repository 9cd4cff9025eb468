/** C = A·B of row-major A [rows, depth] and B [depth, columns] in float64. */
export function matmulReference(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  rows: number,
  depth: number,
  columns: number,
): Float64Array {
  const c = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      for (let k = 0; k < depth; k++) c[i * columns + j] += a[i * depth + k] * b[k * columns + j];
    }
  }
  return c;
}

/** The transpose of row-major [rows, columns]. */
export function transposeReference(a: ArrayLike<number>, rows: number, columns: number): Float32Array {
  const out = new Float32Array(rows * columns);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) out[j * rows + i] = a[i * columns + j];
  return out;
}
