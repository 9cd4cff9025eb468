const article = (name: string): string => `${/^[AEIO]/.test(name) ? 'an' : 'a'} ${name}`;

/** What a value is, for messages: never what is in it. */
export function describeValue(value: unknown): string {
  if (value === undefined || value === null || typeof value === 'number' || typeof value === 'boolean') {
    return String(value);
  }
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object') return `a ${typeof value}`;
  if (Array.isArray(value)) return `an array of length ${value.length}`;
  const name = (value.constructor as { name?: string } | undefined)?.name ?? 'Object';
  if (ArrayBuffer.isView(value) && 'length' in value) return `${article(name)} of length ${String(value.length)}`;
  return name === 'Object' ? 'an object' : article(name);
}
