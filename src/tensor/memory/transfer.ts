import type { Device } from '../../runtime/device';
import type { Storage } from '../../runtime/memory/storage';
import { copyCommand, type BufferView } from '../../runtime/stream/commands';
import { typedArray, type DType, type TypedArray } from '../dtype';
import { fromHost, type HostData } from '../create/host-data';
import { formatShape, sameShape, ShapeError, type Shape } from '../shape';
import { tracer } from '../tracer';
import type { Version } from './version';

/** What a tensor is made of. */
export interface TensorInit<D extends DType> {
  device: Device;
  shape: Shape;
  dtype: D;
  storage: Storage;
  /** Bytes into the storage, a multiple of 256. */
  offset?: number;
  /** That of an alias. */
  version?: Version;
}

/** Elements on a GPU, as a tensor has them. */
export interface Elements<D extends DType = DType> {
  readonly device: Device;
  readonly dtype: D;
  readonly shape: Shape;
  readonly size: number;
  readonly view: BufferView;
  readonly version: Version;
}

/** Where a function is captured. At once: whoever drops a promise would never learn of it. */
export function refuseRead(): void {
  tracer?.refuse('a tensor is read, which is computed only later');
}

/** `Tensor.data()`. */
export async function readElements<D extends DType>({ device, dtype, view }: Elements<D>): Promise<TypedArray<D>> {
  return typedArray(dtype, await device.stream.read(view.storage, view.offset, view.size));
}

/** `Tensor.item()`. */
export async function readItem({ shape, size }: Elements, data: () => Promise<TypedArray>): Promise<number> {
  if (size !== 1) throw new ShapeError(`item: expected a tensor of one element, got ${formatShape(shape)}`);
  return (await data())[0];
}

/** `Tensor.write()`. */
export function writeElements({ device, dtype, shape, size, view, version }: Elements, data: HostData): void {
  const { values } = fromHost('write', data, dtype);
  if (values.length !== size) {
    throw new ShapeError(`write: ${formatShape(shape)} has ${size} elements, the data has ${values.length}`);
  }
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength).slice();
  device.stream.push({ kind: 'write', storage: view.storage, offset: view.offset, data: bytes });
  version.bump();
}

/** `Tensor.copyFrom()`; `between` makes memory like the target's, needed where both lie in one buffer. */
export function copyElements(target: Elements, source: Elements, between: () => Elements & { dispose(): void }): void {
  const { device, dtype, shape, version } = target;
  if (source.dtype !== dtype) throw new TypeError(`copyFrom: expected ${dtype}, got ${source.dtype}`);
  if (!sameShape(source.shape, shape)) {
    throw new ShapeError(`copyFrom: expected shape ${formatShape(shape)}, got ${formatShape(source.shape)}`);
  }
  if (source.device !== device) throw new TypeError('copyFrom: source is on another device');
  const [from, to] = [source.view, target.view];
  if (from.storage === to.storage) {
    if (from.offset === to.offset) return;
    // Two places of an arena: WebGPU copies from one buffer to another only.
    const stop = between();
    copyElements(stop, source, between);
    copyElements(target, stop, between);
    stop.dispose();
    return;
  }
  device.stream.push(copyCommand(from, to));
  version.bump();
}
