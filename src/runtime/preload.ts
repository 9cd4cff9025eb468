const missing = new Set<() => Promise<void>>();
let opened = false;

/**
 * For a module whose functions are synchronous but use what only `import()` brings: `load` runs while a device is opened (at once,
 * where one has been), so that a page's first scripts need not hold it. The function returned gives what was loaded, or null before.
 */
export function preload<T>(load: () => Promise<T>): () => T | null {
  let loaded: T | null = null;
  let pending: Promise<void> | null = null;
  const start = (): Promise<void> =>
    (pending ??= load().then(
      (value) => {
        loaded = value;
        missing.delete(start);
      },
      (error: unknown) => {
        pending = null;
        throw error;
      },
    ));
  missing.add(start);
  // Where this fails, the next `open()` tries again.
  if (opened) start().catch(() => undefined);
  return () => loaded;
}

/** Resolves when everything that was asked for is loaded. */
export async function preloaded(): Promise<void> {
  opened = true;
  await Promise.all([...missing].map((start) => start()));
}
