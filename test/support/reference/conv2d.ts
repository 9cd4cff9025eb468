type Four = readonly [number, number, number, number];

/** A convolution written out: rows and columns of zeros around each plane are named one by one. */
export interface Conv2dProblem {
  /** [N, C, H, W]. */
  input: Four;
  /** [O, C / groups, KH, KW]. */
  weight: Four;
  stride: readonly [number, number];
  dilation: readonly [number, number];
  /** Top, left, bottom, right. */
  pad: Four;
  groups: number;
}

function outShape({ input, weight, stride, dilation, pad }: Conv2dProblem): Four {
  const places = (axis: 0 | 1): number => {
    let count = 0;
    const last = dilation[axis] * (weight[2 + axis] - 1);
    for (let at = -pad[axis]; at + last < input[2 + axis] + pad[2 + axis]; at += stride[axis]) count++;
    return count;
  };
  return [input[0], weight[0], places(0), places(1)];
}

/** Calls `visit` with the flat indices of every product x · w that goes into y. */
function forEachProduct(problem: Conv2dProblem, visit: (x: number, w: number, y: number) => void): void {
  const { input, weight, stride, dilation, pad, groups } = problem;
  const [N, C, H, W] = input;
  const [O, perGroup, KH, KW] = weight;
  const [, , OH, OW] = outShape(problem);
  for (let n = 0; n < N; n++)
    for (let o = 0; o < O; o++)
      for (let oy = 0; oy < OH; oy++)
        for (let ox = 0; ox < OW; ox++)
          for (let k = 0; k < perGroup * KH * KW; k++) {
            const c = Math.floor(o / (O / groups)) * perGroup + Math.floor(k / (KH * KW));
            const iy = oy * stride[0] + (Math.floor(k / KW) % KH) * dilation[0] - pad[0];
            const ix = ox * stride[1] + (k % KW) * dilation[1] - pad[1];
            if (iy < 0 || iy >= H || ix < 0 || ix >= W) continue;
            visit(((n * C + c) * H + iy) * W + ix, o * perGroup * KH * KW + k, ((n * O + o) * OH + oy) * OW + ox);
          }
}

/** The convolution in float64, by its definition. */
export function conv2dReference(
  problem: Conv2dProblem,
  x: ArrayLike<number>,
  w: ArrayLike<number>,
  bias: ArrayLike<number> | null,
): { shape: Four; data: Float64Array } {
  const shape = outShape(problem);
  const plane = shape[2] * shape[3];
  const data = Float64Array.from({ length: shape[0] * shape[1] * plane }, (_, i) =>
    bias ? bias[Math.floor(i / plane) % shape[1]] : 0,
  );
  forEachProduct(problem, (ix, iw, iy) => (data[iy] += x[ix] * w[iw]));
  return { shape, data };
}

/** The gradients of Σ dy · y in float64: each product hands its share to both factors. */
export function conv2dGradients(
  problem: Conv2dProblem,
  x: ArrayLike<number>,
  w: ArrayLike<number>,
  dy: ArrayLike<number>,
): { input: Float64Array; weight: Float64Array; bias: Float64Array } {
  const [input, weight] = [new Float64Array(x.length), new Float64Array(w.length)];
  forEachProduct(problem, (ix, iw, iy) => {
    input[ix] += dy[iy] * w[iw];
    weight[iw] += dy[iy] * x[ix];
  });
  const [, O, OH, OW] = outShape(problem);
  const bias = new Float64Array(O);
  for (let i = 0; i < dy.length; i++) bias[Math.floor(i / (OH * OW)) % O] += dy[i];
  return { input, weight, bias };
}
