import type { DType, TypedArray } from '../dtype';
import type { Shape } from '../shape';

/** Longer axes show their first and last EDGE entries. */
const LONG = 8;
const EDGE = 3;

/** Nested rows of numbers as PyTorch prints them: `tensor([[1, 2],\n        [3, 4]])`. */
export function formatTensor(data: TypedArray, shape: Shape, dtype: DType): string {
  const number = (x: number): string => (dtype === 'float32' ? String(Number(x.toPrecision(5))) : String(x));
  const rows = (axis: number, base: number, indent: string): string => {
    if (axis === shape.length) return number(data[base]);
    const n = shape[axis];
    const step = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
    const picked = n > LONG ? [0, 1, 2, -1, n - EDGE, n - 2, n - 1] : Array.from({ length: n }, (_, i) => i);
    const parts = picked.map((i) => (i < 0 ? '...' : rows(axis + 1, base + i * step, `${indent} `)));
    const blank = axis === shape.length - 1 ? ', ' : `,\n${indent} `;
    return `[${parts.join(blank)}]`;
  };
  const suffix = dtype === 'float32' ? '' : `, ${dtype}`;
  return `tensor(${rows(0, 0, '       ')}${suffix})`;
}
