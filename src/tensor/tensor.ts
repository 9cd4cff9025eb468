import { checkOptions } from '../device/options';
import { defaultDevice, type Device } from '../runtime/device';
import { describeValue } from './describe';
import { ITEM_BYTES, type DType, type TypedArray } from './dtype';
import { DisposedError } from './errors';
import { GradientState, noGraph, refuseSecondOrder, type GradNode, type GradSlot } from './gradient';
import { gradientHooks, type GradientHook, type HookHandle, type Hooks } from './hooks';
import type { HostData } from './create/host-data';
import { describeTensor, printing, refuseJson } from './print/printing';
import { disposedText, TensorMemory } from './memory/memory';
import { register } from './scope';
import { copyElements, readElements, readItem, refuseRead, writeElements, type TensorInit } from './memory/transfer';
import { checkReshape, checkShape, sizeOf, type Shape } from './shape';

/** Throws `TypeError` for an argument of `op` that is no tensor, and `DisposedError` for one that was freed. */
export function checkTensor(op: string, argument: string, value: unknown): asserts value is Tensor<DType> {
  if (!(value instanceof Tensor)) {
    throw new TypeError(`${op}: expected a tensor as ${argument}, got ${describeValue(value)}`);
  }
  if (value.disposed) throw new DisposedError(`${op}: ${argument} is ${disposedText(value)}`);
}

/** Options of `Tensor.backward()`. */
export interface BackwardOptions {
  /** Gradient of the loss with respect to this tensor, of its shape; default 1. */
  gradient?: Tensor;
  /** Whether the graph can be used again; default false. */
  retainGraph?: boolean;
}

/** An n-dimensional array on the GPU, contiguous and row-major, of dtype `D`; `Tensor` alone is of float32. */
export class Tensor<D extends DType = 'float32'> extends TensorMemory {
  /** Makes `value instanceof Tensor` a tensor of any dtype, where nothing is known of `value`. */
  declare static readonly [Symbol.hasInstance]: (value: unknown) => value is Tensor<DType>;
  readonly device: Device;
  readonly dtype: D;
  readonly shape: Shape;
  /** Number of elements. */
  readonly size: number;
  /** What a module calls it, for messages; empty for other tensors. @internal */
  name = '';
  /** Set by `retainGrad()`: keep the gradient (and the value) of a tensor that an op made. @internal */
  retainsGrad = false;
  /** Set by `keep()`. @internal */
  kept = false;
  /** The op that made this tensor, when it is part of a graph. @internal */
  node: GradNode<Tensor<DType>> | null = null;
  /** Where autograd writes this leaf's gradient, when an optimizer has given it a place. @internal */
  gradSlot: GradSlot | null = null;
  /** @internal */
  readonly gradState = new GradientState<Tensor>(this);
  /** Set by `registerHook()`. @internal */
  gradHooks: Hooks<GradientHook<Tensor>> | null = null;

  /** Takes over one reference to `storage`. Users call `tensor()`, `zeros()`, … @internal */
  constructor({ device, shape, dtype, storage, offset, version }: TensorInit<D>) {
    super(storage, offset, version);
    this.device = device;
    this.shape = shape;
    this.dtype = dtype;
    this.size = sizeOf(shape);
    register(this);
  }

  /** A new tensor whose elements are undefined until a kernel writes them. @internal */
  static empty(shape: Shape, dtype?: 'float32', device?: Device, op?: string): Tensor;
  /** @internal */
  static empty<D extends DType>(shape: Shape, dtype: D, device?: Device, op?: string): Tensor<D>;
  static empty(shape: Shape, dtype: DType = 'float32', device = defaultDevice(), op = 'tensor'): Tensor<DType> {
    checkShape(op, shape);
    const storage = device.pool.allocate(sizeOf(shape) * ITEM_BYTES, op);
    return new Tensor({ device, shape: [...shape], dtype, storage });
  }

  /**
   * Whether `backward()` computes a gradient for this tensor. An op records which of its inputs did when it ran: switching
   * it on later does not change that graph; switching it off keeps `backward()` from filling `grad`, as in PyTorch.
   * Setting it throws `TypeError` for another dtype than float32, and `GraphError` on the result of an op on the tape.
   */
  get requiresGrad(): boolean {
    return this.gradState.required;
  }

  /** Throws `TypeError` for another dtype than float32, and `GraphError` on the result of an op on the tape. */
  set requiresGrad(value: boolean) {
    this.gradState.required = value;
  }

  /** The gradient that `backward()` accumulated, of this tensor's shape. */
  get grad(): Tensor | null {
    return this.gradState.value;
  }

  /** `null` drops the gradient; it is not disposed. */
  set grad(value: Tensor | null) {
    this.gradState.set(value);
  }

  /** Number of axes. */
  get rank(): number {
    return this.shape.length;
  }

  /** Another tensor on the same memory; no graph. Throws `ShapeError` when the number of elements differs. @internal */
  alias(shape: Shape = this.shape): Tensor<D> {
    checkReshape(this, shape);
    const { device, dtype, storage, offset, version } = this;
    return new Tensor({ device, dtype, shape: [...shape], storage: storage.retain(), offset, version });
  }

  /** Copies the elements to the host, in row-major order. */
  data(): Promise<TypedArray<D>> {
    refuseRead();
    return printing ? printing.read(this, readElements(this)) : readElements(this);
  }

  /** The only element. Throws `ShapeError` when there are more. */
  item(): Promise<number> {
    refuseRead();
    return readItem(this, () => this.data());
  }

  /**
   * Overwrites the elements with numbers from the host, converted to this tensor's dtype by the rules of `tensor()`; they may
   * come in any shape. Throws `ShapeError` when their number differs, and `TypeError` and `RangeError` as `tensor()` does.
   */
  write(data: HostData): void {
    writeElements(this, data);
  }

  /**
   * Overwrites the elements with those of `source`; no graph. Throws `ShapeError` when the shape differs, `TypeError` when the
   * dtype or the device does.
   */
  copyFrom(source: Tensor<D>): void {
    checkTensor('copyFrom', 'source', source);
    copyElements(this, source, () => Tensor.empty(this.shape, this.dtype, this.device, 'copyFrom'));
  }

  /**
   * Fills the `.grad` of every leaf that requires a gradient and that this tensor was computed from. `gradient` (of this
   * tensor's shape, default 1) may be left out for one element. The graph is freed unless `retainGraph` is set.
   * Gradients of gradients are not supported: a gradient has no graph.
   * Throws `GraphError` when there is no graph, when it was freed, or when a tensor that it needs was written to since the
   * forward pass; `ShapeError` and `TypeError` for a `gradient` that does not fit.
   */
  backward(options: BackwardOptions = {}): void {
    refuseSecondOrder(options);
    checkOptions('backward', options, 'gradient retainGraph');
    if (!this.node) throw noGraph(this);
    this.checkMemory();
    this.node.backward(this, options.gradient, options.retainGraph ?? false);
  }

  /** The same values outside the graph; shares memory. */
  detach(): Tensor<D> {
    return this.alias();
  }

  /** Asks `backward()` to keep this tensor and to leave its gradient in `.grad`. */
  retainGrad(): this {
    this.retainsGrad = true;
    return this;
  }

  /**
   * Calls `hook(gradient)` when `backward()` has computed this tensor's gradient; what it returns, if anything, takes its place. Read the
   * gradient in the hook (`gradient.data()`) or mark it with `keep()`; do not write to it. A captured step calls the hook while it is
   * recorded and checked, and replays its GPU work only. Throws `GraphError` when this tensor requires no gradient.
   */
  registerHook(hook: GradientHook<Tensor>): HookHandle {
    this.gradHooks = gradientHooks(this);
    return this.gradHooks.add(hook);
  }

  /** Shape and type; the elements are on the GPU: see `format()`. */
  override toString(): string {
    return describeTensor(this);
  }

  /** The elements as nested rows of text, long axes shortened. */
  async format(): Promise<string> {
    const [data, { formatTensor }] = await Promise.all([this.data(), import('./print/format.lazy')]);
    return formatTensor(data, this.shape, this.dtype);
  }

  /** For console.log() in Node. @internal */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return printing?.tensor(this) ?? this.toString();
  }

  /** Refuses with a `TypeError`. @internal */
  toJSON(): never {
    return refuseJson(String(this));
  }
}
