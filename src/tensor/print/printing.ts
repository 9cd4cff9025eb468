import type { Device } from '../../runtime/device';
import type { DType, TypedArray } from '../dtype';
import { formatShape, type Shape } from '../shape';
import type { Version } from '../memory/version';

/** What is printed of a tensor. */
export interface PrintedTensor {
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: DType;
  readonly device: Device;
  readonly version: Version;
  readonly size: number;
  readonly requiresGrad: boolean;
  readonly disposed: boolean;
}

/** What is printed of a module. */
export interface PrintedLayer {
  readonly name: string;
  readonly layer: string;
  /** Its parameters, without those of modules below it. */
  readonly own: readonly PrintedTensor[];
  /** Whether there are modules below it. */
  readonly inner: boolean;
}

/** What `console.log()` prints. */
export interface Printing {
  /** `data`, the elements of `tensor` as they are now, is being read. */
  read<A extends TypedArray>(tensor: PrintedTensor, data: Promise<A>): Promise<A>;
  tensor(tensor: PrintedTensor): string;
  module(title: string, layers: readonly PrintedLayer[]): string;
}

/** Loaded by `open()` in Node, whose console asks for it. */
export let printing: Printing | null = null;

/** Sets what `console.log()` prints from now on. */
export function setPrinting(next: Printing): void {
  printing = next;
}

/** `Tensor.toString()`, with `more` in the brackets. */
export function describeTensor(tensor: Pick<PrintedTensor, 'name' | 'shape' | 'dtype'>, ...more: string[]): string {
  const { name, shape, dtype } = tensor;
  return `Tensor(${[...(name ? [`'${name}'`] : []), formatShape(shape), dtype, ...more].join(', ')})`;
}

/** `toJSON()` of a tensor. */
export function refuseJson(what: string): never {
  throw new TypeError(
    `JSON.stringify: the elements of ${what} are on the GPU: write tensors with await toSafetensors({ name: tensor }), or ` +
      'Array.from(await tensor.data())',
  );
}
