/** The gradient that backward() computes is not the one that the forward pass has. */
export class GradcheckError extends Error {
  override readonly name = 'GradcheckError';
}
