import { version } from '../../package.json';
import type { AdapterInfo } from '../device/gpu';
import { readChoices, type ChoiceRecord } from './choices';
import { textStore } from './tune-store';

/**
 * All that measured times may depend on beside the shape. Dawn's description of an adapter holds the driver's version; browsers
 * hide it, and there the browser's own version has to do.
 */
function keyOf({ vendor, architecture, device, description, subgroupSize }: AdapterInfo): string {
  const { navigator } = globalThis as { navigator?: { userAgent?: string } };
  const browser = navigator?.userAgent ?? '';
  return JSON.stringify({ wgrad: version, vendor, architecture, device, description, subgroupSize, browser });
}

interface Kept {
  readonly key: string;
  readonly choices: ChoiceRecord;
}

/** Throws when `text` is not what was kept for `key`. */
function parse(text: string, key: string): ChoiceRecord {
  const kept = JSON.parse(text) as Partial<Kept> | null;
  if (kept?.key !== key) throw new Error('it belongs to another adapter, driver or version');
  return readChoices('choices', kept.choices);
}

function warn(what: string, error: unknown): void {
  console.warn(`wgrad: ${what}: ${error instanceof Error ? error.message : String(error)}`);
}

/** What `tune()` has found on this adapter so far. A cache that cannot be read counts as empty, with one warning. */
export async function keptChoices(info: AdapterInfo): Promise<ChoiceRecord> {
  try {
    const key = keyOf(info);
    const text = await (await textStore())?.read(key);
    return typeof text === 'string' ? parse(text, key) : {};
  } catch (error) {
    warn("the tuner's cache is ignored", error);
    return {};
  }
}

/** Adds to what is kept for this adapter. Where that fails there is a warning: the run at hand does not need it. */
export async function keepChoices(info: AdapterInfo, choices: ChoiceRecord): Promise<void> {
  const kept: Kept = { key: keyOf(info), choices: { ...(await keptChoices(info)), ...choices } };
  try {
    await (await textStore())?.write(kept.key, `${JSON.stringify(kept, null, 1)}\n`);
  } catch (error) {
    warn("the tuner's cache cannot be written", error);
  }
}
