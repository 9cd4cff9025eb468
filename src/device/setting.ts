type Settings = Readonly<Record<string, unknown>>;

/** A setting from outside the program: the property of this name of globalThis, or else Node's environment variable. */
export function setting(name: `WGRAD_${string}`): unknown {
  const host = globalThis as unknown as Settings & { process?: { env?: Settings } };
  return host[name] ?? host.process?.env?.[name];
}
