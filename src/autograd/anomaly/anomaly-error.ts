/** An op made a NaN or an infinity while `detectAnomaly()` watched; the message names it, its inputs' ranges and who called it. */
export class AnomalyError extends Error {
  override readonly name = 'AnomalyError';
}
