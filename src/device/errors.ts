/** WebGPU is missing here, or no adapter answered. */
export class WebGPUUnavailableError extends Error {
  override readonly name = 'WebGPUUnavailableError';
}

/** The device is gone: the driver reset it, the adapter was unplugged, or `destroy()` was called. */
export class DeviceLostError extends Error {
  override readonly name = 'DeviceLostError';
  constructor(
    readonly reason: 'destroyed' | 'unknown',
    message: string,
  ) {
    super(message);
  }
}

/** The GPU refused a command or a shader; the message names the op. */
export class GpuError extends Error {
  override readonly name = 'GpuError';
}
