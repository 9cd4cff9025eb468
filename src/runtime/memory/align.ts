/** Offsets of bindings are multiples of this (WebGPU's default for uniform and for storage buffers). */
const ALIGNMENT = 256;

/** The first offset from `bytes` on at which a binding can begin. */
export const align = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
