/** Dawn's module in Node (npm `webgpu`). */
interface DawnModule {
  create(options: string[]): GPU;
  globals: object;
}

/**
 * Makes Node's WebGPU available where a browser has it. The other libraries look for `navigator.gpu` while they are imported, so this
 * comes first; `navigator` also keeps the object alive, which Dawn needs.
 */
export async function provideNavigator(): Promise<void> {
  const dawn = (await import('webgpu')) as DawnModule;
  Object.assign(globalThis, dawn.globals);
  const value = { gpu: dawn.create([]), userAgent: 'node', language: 'en', platform: process.platform };
  Object.defineProperty(globalThis, 'navigator', { value, configurable: true });
}

/** What a piece of work requests of the GPU. */
export interface Traffic {
  readonly dispatches: number;
  readonly submits: number;
}

/** Has `told` called before a method of every object of a class; returns a function that undoes it. */
function watchCalls(prototype: object, method: string, told: () => void): () => void {
  const original = Reflect.get(prototype, method) as (...values: unknown[]) => unknown;
  const watched = function (this: unknown, ...values: unknown[]): unknown {
    told();
    return original.apply(this, values);
  };
  Reflect.set(prototype, method, watched);
  return () => {
    Reflect.set(prototype, method, original);
  };
}

/** Counts the dispatches and submits of all devices while `work` runs. */
export async function countTraffic(work: () => Promise<void>): Promise<Traffic> {
  const count = { dispatches: 0, submits: 0 };
  const restore = [
    watchCalls(GPUComputePassEncoder.prototype, 'dispatchWorkgroups', () => count.dispatches++),
    watchCalls(GPUQueue.prototype, 'submit', () => count.submits++),
  ];
  try {
    await work();
  } finally {
    for (const back of restore) back();
  }
  return count;
}

/** Runs `work` and throws what the devices reported meanwhile: such an error does not fail any call by itself. */
export async function withoutErrors<T>(
  watched: readonly { readonly name: string; readonly device: GPUDevice }[],
  work: () => Promise<T>,
): Promise<T> {
  const messages: string[] = [];
  const listeners = watched.map(({ name, device }) => ({
    device,
    listen: (event: GPUUncapturedErrorEvent): void => {
      messages.push(`${name}: the GPU reported ${event.error.message}`);
    },
  }));
  for (const { device, listen } of listeners) device.addEventListener('uncapturederror', listen);
  try {
    const result = await work();
    if (messages.length > 0) throw new Error(messages[0]);
    return result;
  } finally {
    for (const { device, listen } of listeners) device.removeEventListener('uncapturederror', listen);
  }
}
