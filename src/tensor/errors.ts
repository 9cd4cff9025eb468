/** A tensor was used after `dispose()`, the end of its `tidy()` or `backward()` gave its memory back. */
export class DisposedError extends Error {
  override readonly name = 'DisposedError';
}

/** What a captured function does could not be repeated as it is, or would give other numbers than without `capture()`. */
export class CaptureError extends Error {
  override readonly name = 'CaptureError';
}

/**
 * The graph cannot be walked: there is none, an earlier `backward()` freed it, a tensor that it needs was written to since, or it
 * asks for what is not supported (gradients of gradients).
 */
export class GraphError extends Error {
  override readonly name = 'GraphError';
}
