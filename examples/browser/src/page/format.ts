/** `83` seconds as `1:23`. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

export const percent = (share: number, digits = 1): string => `${(100 * share).toFixed(digits)}%`;

/** A number with three significant digits. */
export const short = (value: number): string => String(Number(value.toPrecision(3)));

export const thousands = (count: number): string => Math.round(count).toLocaleString('en');

/** Whole ones, so that what counts them does not chatter. */
export const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(0);

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
