/** A linear classifier: weight [classes, features], row-major, and bias [classes]. */
export interface Classifier {
  weight: Float64Array;
  bias: Float64Array;
}

/** The mean cross-entropy of a linear classifier over some rows in float64, and a step of gradient descent against it. */
export function softmaxRegressionStep(
  { weight, bias }: Classifier,
  rows: readonly ArrayLike<number>[],
  classes: readonly number[],
  lr: number,
): { loss: number; next: Classifier } {
  const features = weight.length / bias.length;
  const next = { weight: weight.slice(), bias: bias.slice() };
  let loss = 0;
  rows.forEach((row, r) => {
    const logits = bias.map((b, c) => {
      let logit = b;
      for (let k = 0; k < features; k++) logit += weight[c * features + k] * row[k];
      return logit;
    });
    const total = logits.reduce((sum, logit) => sum + Math.exp(logit), 0);
    loss += (Math.log(total) - logits[classes[r]]) / rows.length;
    logits.forEach((logit, c) => {
      const slope = (Math.exp(logit) / total - Number(c === classes[r])) / rows.length;
      next.bias[c] -= lr * slope;
      for (let k = 0; k < features; k++) next.weight[c * features + k] -= lr * slope * row[k];
    });
  });
  return { loss, next };
}
