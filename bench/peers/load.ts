import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Library } from '../library';

/** Installs what the peers need, from their own lock file. Throws, saying what to do, where that fails. */
export async function installPeers(): Promise<void> {
  // Not at the top: it is no part of a bundle for a machine without npm, where the peers are in the bundle.
  const { installDependencies } = await import('../../scripts/setup/install.mjs');
  const root = join(dirname(fileURLToPath(import.meta.url)));
  try {
    await installDependencies(root);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`the other libraries could not be installed: ${reason}; --no-peers measures without them`, {
      cause: error,
    });
  }
}

/** The libraries to compare with. `navigator.gpu` must be there: they look for it while they are imported. */
export async function loadPeers(): Promise<Library[]> {
  const { tfjsLibrary } = await import('./tfjs');
  const { jaxjsLibrary } = await import('./jaxjs');
  return [await tfjsLibrary(), await jaxjsLibrary()];
}

/** Throws when a library computes on another adapter than the first one does. */
export function requireOneAdapter(libraries: readonly Library[]): void {
  const [first, ...rest] = libraries;
  const describe = ({ device: { adapterInfo } }: Library): string =>
    [adapterInfo.vendor, adapterInfo.architecture, adapterInfo.device, adapterInfo.description].join(' ');
  for (const library of rest) {
    if (describe(library) !== describe(first))
      throw new Error(`${library.name} is on ${describe(library)}, ${first.name} on ${describe(first)}`);
  }
}
