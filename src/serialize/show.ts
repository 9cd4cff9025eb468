const [MAX_TEXT, MAX_ITEMS] = [100, 8];

/** Characters that end a line somewhere, which JSON leaves as they are. */
const escaped = (text: string): string =>
  text.replace(/[\u007f-\u009f\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);

/**
 * `value` on one short line, as JSON where it is small. Names and values in a file are a stranger's: of any length, nested to
 * any depth.
 */
export function show(value: unknown): string {
  if (typeof value === 'string') {
    const json = escaped(JSON.stringify(value.slice(0, MAX_TEXT)));
    return value.length > MAX_TEXT || json.length > MAX_TEXT + 2 ? `${json.slice(0, MAX_TEXT)}...` : json;
  }
  if (Array.isArray(value)) {
    const items = value.slice(0, MAX_ITEMS).map((item) => (typeof item === 'object' && item ? '...' : show(item)));
    return `[${items.join(',')}${value.length > MAX_ITEMS ? `,... ${value.length} in all` : ''}]`;
  }
  return typeof value === 'object' && value !== null ? '{...}' : String(value);
}
