type Settings = Readonly<Record<string, unknown>>;

/** What the program's surroundings say: a variable of this name on globalThis, or else in Node's environment. */
export function setting(name: `WGRAD_${string}`): unknown {
  const host = globalThis as unknown as Settings & { process?: { env?: Settings } };
  return host[name] ?? host.process?.env?.[name];
}
