import { version } from '../../package.json';
import type { AdapterInfo } from '../device/gpu';
import { readVariantRecord, type VariantRecord } from '../variants/variant';
import { textStore } from './store';

/**
 * All that measured times may depend on beside the shape. Dawn's description of an adapter holds the driver's version; browsers
 * hide it, and there the browser's own version has to do.
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

/** Throws when `text` is not what was stored for `key`. */
function parse(text: string, key: string): VariantRecord {
  const stored = JSON.parse(text) as Partial<Stored> | null;
  if (stored?.key !== key) throw new Error('it belongs to another adapter, driver or version');
  return readVariantRecord('variants', stored.variants);
}

function warn(what: string, error: unknown): void {
  console.warn(`wgrad: ${what}: ${error instanceof Error ? error.message : String(error)}`);
}

/** What `tune()` has found on this adapter so far. A cache that cannot be read counts as empty, with one warning. */
export async function loadVariantRecord(info: AdapterInfo): Promise<VariantRecord> {
  try {
    const key = keyOf(info);
    const text = await (await textStore())?.read(key);
    return typeof text === 'string' ? parse(text, key) : {};
  } catch (error) {
    warn("the tuner's cache is ignored", error);
    return {};
  }
}

/** Adds to what is stored for this adapter. Where that fails there is a warning: the run at hand does not need it. */
export async function storeVariantRecord(info: AdapterInfo, variants: VariantRecord): Promise<void> {
  const stored: Stored = { key: keyOf(info), variants: { ...(await loadVariantRecord(info)), ...variants } };
  try {
    await (await textStore())?.write(stored.key, `${JSON.stringify(stored, null, 1)}\n`);
  } catch (error) {
    warn("the tuner's cache cannot be written", error);
  }
}
