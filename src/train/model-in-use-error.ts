/** A model is being trained by another `fit()` that has not ended. */
export class ModelInUseError extends Error {
  override readonly name = 'ModelInUseError';
}
