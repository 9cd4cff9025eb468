import { DeviceLostError, GpuError, WebGPUUnavailableError } from './errors';
import { inNode } from './in-node';

/** The kind of hardware behind an adapter: it decides which kernel variants are the default. */
export type AdapterKind = 'cpu' | 'gpu';

/** What is known of the adapter: the strings that WebGPU gives, and what decides which kernels run. */
export interface AdapterInfo {
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  readonly description: string;
  /** `cpu` for software adapters such as lavapipe and SwiftShader. */
  readonly kind: AdapterKind;
  /** Lanes of a subgroup where the adapter has exactly one size, else 0 (also 0 without the `subgroups` feature). */
  readonly subgroupSize: number;
}

export interface GpuOptions {
  /** Which adapter to ask for on a machine with several. */
  powerPreference?: GPUPowerPreference;
  /**
   * Optional WebGPU features to use where the adapter has them; default: `subgroups`, `timestamp-query`, `shader-f16`.
   */
  features?: readonly GPUFeatureName[];
}

const DEFAULT_FEATURES: readonly GPUFeatureName[] = ['subgroups', 'timestamp-query', 'shader-f16'];

/**
 * Dawn's words for the consequence of an error that it has already reported: refused commands cannot be submitted. A
 * browser may report this later than the error itself, when it would be blamed on other work.
 */
const CONSEQUENCE = /is invalid due to a previous error/;

/** An open WebGPU device with the facts about its adapter, the errors it has reported and whether it is lost. */
export interface Gpu {
  readonly device: GPUDevice;
  readonly info: AdapterInfo;
  readonly limits: GPUSupportedLimits;
  readonly features: ReadonlySet<string>;
  /** Resolves, with the reason, when the device is lost. */
  readonly lost: Promise<DeviceLostError>;
  /** Set as soon as the device is known to be gone. */
  readonly lostError: DeviceLostError | null;
  /** Takes the errors that the GPU reported since the last call. */
  takeErrors(): GpuError[];
  /** Ends the device: it is lost from here on. */
  destroy(): void;
}

async function findGpu(): Promise<GPU> {
  // `navigator` exists in browsers, workers and Node >= 21; `gpu` only where WebGPU does.
  const nav = (globalThis as { navigator?: { gpu?: GPU } }).navigator;
  if (nav?.gpu) return nav.gpu;
  if (inNode()) return (await import('./dawn.lazy')).dawnGpu();
  throw new WebGPUUnavailableError(
    'open: this browser has no WebGPU (navigator.gpu is missing). ' +
      'Use a current Chrome, Edge, Firefox or Safari on an https:// or localhost page.',
  );
}

function describe(info: GPUAdapterInfo, features: ReadonlySet<string>): AdapterInfo {
  const text = `${info.vendor} ${info.architecture} ${info.device} ${info.description}`.toLowerCase();
  const software = info.isFallbackAdapter || /swiftshader|llvmpipe|lavapipe|software/.test(text);
  const { subgroupMinSize: least = 0, subgroupMaxSize: most = 0 } = info;
  return {
    vendor: info.vendor,
    architecture: info.architecture,
    device: info.device,
    description: info.description,
    kind: software ? 'cpu' : 'gpu',
    subgroupSize: features.has('subgroups') && least === most ? most : 0,
  };
}

/**
 * Opens a WebGPU device, in a browser or in Node.
 * Throws `WebGPUUnavailableError` where there is no WebGPU or no adapter.
 */
export async function openGpu(options: GpuOptions = {}): Promise<Gpu> {
  const gpu = await findGpu();
  const adapter = await gpu.requestAdapter(
    options.powerPreference ? { powerPreference: options.powerPreference } : undefined,
  );
  if (!adapter) {
    throw new WebGPUUnavailableError(
      'open: WebGPU found no adapter. ' +
        'Install a GPU driver (on Linux: a Vulkan driver), or a software one such as Mesa lavapipe.',
    );
  }
  const requested = options.features ?? DEFAULT_FEATURES;
  const requiredFeatures = requested.filter((feature) => adapter.features.has(feature));
  const device = await adapter.requestDevice({
    requiredFeatures,
    // The default limit is 128 MiB per binding; large batches need all that the adapter offers.
    requiredLimits: {
      maxBufferSize: adapter.limits.maxBufferSize,
      maxStorageBufferBindingSize: adapter.limits.maxStorageBufferBindingSize,
    },
  });
  const features: ReadonlySet<string> = new Set(requiredFeatures);

  let errors: GpuError[] = [];
  let lostError: DeviceLostError | null = null;
  const lose = (reason: DeviceLostError['reason'], message: string): DeviceLostError =>
    (lostError ??= new DeviceLostError(reason, `the GPU device was lost (${reason}): ${message}`));
  device.addEventListener('uncapturederror', (event) => {
    event.preventDefault();
    const { message } = event.error;
    if (!CONSEQUENCE.test(message)) errors.push(new GpuError(message));
  });
  return {
    device,
    info: describe(adapter.info, features),
    limits: device.limits,
    features,
    get lostError() {
      return lostError;
    },
    lost: device.lost.then(({ reason, message }) => lose(reason === 'destroyed' ? reason : 'unknown', message)),
    takeErrors() {
      const taken = errors;
      errors = [];
      return taken;
    },
    destroy() {
      lose('destroyed', 'destroy() was called');
      device.destroy();
    },
  };
}
