import { version } from '../../package.json';
import type { AdapterInfo } from '../device/gpu';
import { readVariantRecord, type VariantRecord } from '../variants/variant';
import { textStore } from './store';

/**
 * Everything besides the shape that measured times may depend on. Dawn's description of an adapter contains the
 * driver's version; browsers hide it, so the browser's own version takes its place.
 */
function keyOf({ vendor, architecture, device, description, subgroupSize }: AdapterInfo): string {
  const { navigator } = globalThis as { navigator?: { userAgent?: string } };
  const browser = navigator?.userAgent ?? '';
  return JSON.stringify({ wgrad: version, vendor, architecture, device, description, subgroupSize, browser });
}

interface Stored {
  readonly key: string;
  readonly variants: VariantRecord;
}

/** The record in `text`. Throws when it was not stored for `key`. */
function parse(text: string, key: string): VariantRecord {
  const stored = JSON.parse(text) as Partial<Stored> | null;
  if (stored?.key !== key) throw new Error('expected the record of this adapter, driver and version, got another');
  return readVariantRecord('variants', stored.variants);
}

function warn(what: string, error: unknown): void {
  console.warn(`wgrad: ${what}: ${error instanceof Error ? error.message : String(error)}`);
}

/** What `tune()` has stored for this adapter. A cache that cannot be read counts as empty, with a warning. */
export async function loadVariantRecord(info: AdapterInfo): Promise<VariantRecord> {
  try {
    const key = keyOf(info);
    const text = await (await textStore())?.read(key);
    return typeof text === 'string' ? parse(text, key) : {};
  } catch (error) {
    warn("ignoring the tuner's cache", error);
    return {};
  }
}

/** Adds to what is stored for this adapter. A failure is only a warning: the program does not depend on it. */
export async function storeVariantRecord(info: AdapterInfo, variants: VariantRecord): Promise<void> {
  const stored: Stored = { key: keyOf(info), variants: { ...(await loadVariantRecord(info)), ...variants } };
  try {
    await (await textStore())?.write(stored.key, `${JSON.stringify(stored, null, 1)}\n`);
  } catch (error) {
    warn("cannot write the tuner's cache", error);
  }
}
