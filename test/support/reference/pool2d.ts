/** Pooling written out. */
export interface Pool2dProblem {
  /** [N, C, H, W]. */
  input: readonly [number, number, number, number];
  kernel: readonly [number, number];
  stride: readonly [number, number];
  padding: readonly [number, number];
  dilation: readonly [number, number];
}

export interface Pooled {
  shape: readonly number[];
  data: Float64Array;
  /** Gradient of Σ dy · y. */
  gradient: (dy: ArrayLike<number>) => Float64Array;
}

/** Of each output, the flat indices of the input elements in its window, in row-major order. */
function windows({ input, kernel, stride, padding, dilation }: Pool2dProblem): {
  shape: number[];
  members: number[][];
} {
  const [N, C, H, W] = input;
  const places = (axis: 0 | 1): number => {
    let count = 0;
    const last = dilation[axis] * (kernel[axis] - 1);
    for (let at = -padding[axis]; at + last < input[2 + axis] + padding[axis]; at += stride[axis]) count++;
    return count;
  };
  const [OH, OW] = [places(0), places(1)];
  const members = Array.from({ length: N * C * OH * OW }, (_, i) => {
    const found: number[] = [];
    for (let k = 0; k < kernel[0] * kernel[1]; k++) {
      const y = (Math.floor(i / OW) % OH) * stride[0] - padding[0] + Math.floor(k / kernel[1]) * dilation[0];
      const x = (i % OW) * stride[1] - padding[1] + (k % kernel[1]) * dilation[1];
      if (y >= 0 && y < H && x >= 0 && x < W) found.push((Math.floor(i / (OH * OW)) * H + y) * W + x);
    }
    return found;
  });
  return { shape: [N, C, OH, OW], members };
}

/** The first of the largest elements of each window; -Infinity, from nowhere, where all its taps miss the plane. */
export function maxPool2dReference(problem: Pool2dProblem, x: ArrayLike<number>): Pooled {
  const { shape, members } = windows(problem);
  const winners = members.map((list) => list.reduce((best, i) => (best < 0 || x[i] > x[best] ? i : best), -1));
  const gradient = (dy: ArrayLike<number>) => {
    const dx = new Float64Array(x.length);
    winners.forEach((winner, o) => {
      if (winner >= 0) dx[winner] += dy[o];
    });
    return dx;
  };
  return { shape, data: Float64Array.from(winners, (i) => (i < 0 ? -Infinity : x[i])), gradient };
}

/** The mean of each window, over the kernel's size or over the elements inside. */
export function avgPool2dReference(problem: Pool2dProblem, x: ArrayLike<number>, countIncludePad: boolean): Pooled {
  const { shape, members } = windows(problem);
  const sizes = members.map((list) => (countIncludePad ? problem.kernel[0] * problem.kernel[1] : list.length));
  const gradient = (dy: ArrayLike<number>) => {
    const dx = new Float64Array(x.length);
    members.forEach((list, o) => {
      for (const i of list) dx[i] += dy[o] / sizes[o];
    });
    return dx;
  };
  const data = Float64Array.from(members, (list, o) => list.reduce((sum, i) => sum + x[i], 0) / sizes[o]);
  return { shape, data, gradient };
}
