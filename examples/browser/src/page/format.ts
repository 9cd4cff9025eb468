/** `83` seconds as `1:23`. */
export function clock(seconds: number): string {
  const rounded = Math.max(0, Math.round(seconds));
  return `${Math.floor(rounded / 60)}:${String(rounded % 60).padStart(2, '0')}`;
}

export const percent = (fraction: number, digits = 1): string => `${(100 * fraction).toFixed(digits)}%`;

/** A number with three significant digits. */
export const short = (value: number): string => String(Number(value.toPrecision(3)));

export const thousands = (count: number): string => Math.round(count).toLocaleString('en');

/** Whole ones, so that what counts them does not chatter. */
export const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(0);

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
