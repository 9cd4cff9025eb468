import type { Device } from '../runtime/device';
import type { DType, TypedArray } from './dtype';
import { formatTensor } from './format';
import { formatShape, type Shape } from './shape';
import type { Version } from './version';

/** What is printed of a tensor. */
interface Printed {
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: DType;
  readonly device: Device;
  readonly version: Version;
  readonly requiresGrad: boolean;
  readonly disposed: boolean;
}

/** Elements that are remembered at most. */
const SMALL = 64;

interface LastRead {
  readonly values: TypedArray;
  readonly version: Version;
  /** Writes before it was read. */
  readonly writes: number;
}

const lastReads = new WeakMap<object, LastRead>();

/** `data`, the elements of `tensor` as they are now; those of a small tensor are remembered. */
export async function readPrinted(tensor: Printed, data: Promise<TypedArray>): Promise<TypedArray> {
  const { version } = tensor;
  const writes = version.count;
  const values = await data;
  if (values.length <= SMALL) lastReads.set(tensor, { values: values.slice(), version, writes });
  return values;
}

/** `toJSON()` of a tensor. */
export function refuseJson(what: string): never {
  throw new TypeError(
    `JSON.stringify: the elements of ${what} are on the GPU: write tensors with await toSafetensors({ name: tensor }), or ` +
      'Array.from(await tensor.data())',
  );
}

/** `Tensor.toString()`, with `more` in the brackets. */
export function describeTensor(
  { name, shape, dtype }: Pick<Printed, 'name' | 'shape' | 'dtype'>,
  ...more: string[]
): string {
  return `Tensor(${[...(name ? [`'${name}'`] : []), formatShape(shape), dtype, ...more].join(', ')})`;
}

/** For console.log() in Node: the elements too, where they were read since they were written last. */
export function printTensor(tensor: Printed): string {
  const { shape, dtype, device, version, requiresGrad, disposed } = tensor;
  const { description, architecture, vendor, kind } = device.info;
  const flags = [...(requiresGrad ? ['requiresGrad'] : []), ...(disposed ? ['freed'] : [])];
  const head = describeTensor(tensor, description || architecture || vendor || kind, ...flags);
  const last = lastReads.get(tensor);
  const known = last && !disposed && last.version === version && last.writes === version.count;
  return known ? `${head}\n${formatTensor(last.values, shape, dtype)}` : head;
}
