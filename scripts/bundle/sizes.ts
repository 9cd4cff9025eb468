import type { Library } from './library';

export interface Sizes {
  /** All that the library exports. */
  readonly all: number;
  /**
   * Without readers of data and files, and without what a page loads when it needs it: shaders, and what profiles,
   * tunes, debugs and checks gradients.
   */
  readonly core: number;
  /** One op, a device and a tensor to use it on. */
  readonly oneOp: number;
}

/** What the library adds to a page: bytes, minified and gzipped. */
export async function sizesOf(library: Library): Promise<Sizes> {
  const all = await library.bundle(`export * from 'wgrad'`);
  const files = await library.bundle(`export * from './serialize/index.js'`);
  const coreNames = all.names.filter((name) => name !== 'data' && !files.names.includes(name));
  const core = await library.bundle(`export { ${coreNames.join(', ')} } from 'wgrad'`, 'at first');
  const oneOp = await library.bundle(`export { open, tensor, add } from 'wgrad'`, 'at first');
  return { all: all.gzipped, core: core.gzipped, oneOp: oneOp.gzipped };
}
