/** Whether this program runs in Node. */
export function inNode(): boolean {
  const host = globalThis as { process?: { versions?: { node?: string } } };
  return typeof host.process?.versions?.node === 'string';
}
