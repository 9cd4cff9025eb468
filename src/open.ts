import { checkOptions } from './device/options';
import { openGpu, type GpuOptions } from './device/gpu';
import { inNode } from './device/in-node';
import { debugLevel, type DebugLevel } from './profile/debug-level';
import { preloaded } from './runtime/preload';
import { Device, offerDefaultDevice } from './runtime/device';
import { Generator } from './runtime/generator';
import { loadVariantRecord } from './tune/cache';
import { setPrinting } from './tensor/print/printing';
import { tuneMode, type TuneMode } from './variants/tune-mode';
import { readVariantRecord, type VariantRecord } from './variants/variant';

/** Options of `open()`. */
export interface OpenOptions extends GpuOptions {
  /** Seed of the device's random numbers, an integer of up to 53 bits; default 0. */
  seed?: number;
  /** What to print while the program runs; default: the setting `WGRAD_DEBUG`. */
  debug?: DebugLevel;
  /** Whether kernel variants are selected by measurement; default: the setting `WGRAD_TUNE`. */
  tune?: TuneMode;
  /**
   * What `device.variants.record()` returned in an earlier run: the same kernels again, regardless of the tuner's
   * cache.
   */
  variants?: VariantRecord;
  /** Receives what `debug` prints; default `console.error`, which leaves the program's own output unchanged. */
  log?: (text: string) => void;
}

/**
 * Opens a WebGPU device; the first one opened is the default device of every factory. Throws `WebGPUUnavailableError`
 * if there is no WebGPU or no adapter, `RangeError` for a bad seed, debug level or tune mode, and `TypeError` if
 * `variants` is not a record.
 */
export async function open(options: OpenOptions = {}): Promise<Device> {
  checkOptions('open', options, 'seed debug tune variants log powerPreference features');
  const { seed = 0, log = console.error } = options;
  const generator = new Generator(seed);
  const level = debugLevel(options.debug);
  const mode = tuneMode(options.tune);
  const recorded = options.variants && readVariantRecord('open: variants', options.variants);
  const [gpu] = await Promise.all([openGpu(options), preloaded()]);
  // Only Node may block its thread.
  const software = gpu.info.kind === 'cpu' && inNode();
  const backoff = software ? (await import('./runtime/stream/poll-backoff.lazy')).nodePollBackoff() : null;
  // Other consoles do not ask.
  if (inNode()) setPrinting((await import('./tensor/print/print.lazy')).PRINTING);
  const device = new Device({ gpu, generator, tuneMode: mode, backoff });
  if (level > 0)
    device.reporter = new (await import('./profile/debug-reporter.lazy')).DebugReporter(device, level, log);
  const record = recorded ?? (mode === 'cached' ? await loadVariantRecord(gpu.info) : null);
  if (record) device.variants.load(record);
  offerDefaultDevice(device);
  return device;
}
