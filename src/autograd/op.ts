import type { DType } from '../tensor/dtype';
import type { Tensor } from '../tensor/tensor';

/** Shape and dtype of an op's result. */
export interface Spec {
  readonly shape: readonly number[];
  readonly dtype: DType;
}

/** What a forward pass saves for the backward pass besides inputs and output. */
export interface ForwardContext {
  /** Holds `tensor` (made by the forward pass) until the backward pass has run; without a graph it is freed at once. */
  save(tensor: Tensor<DType>): void;
}

export interface BackwardContext<A> {
  /** The inputs; only the shape is left of those that `saves` does not name. */
  readonly inputs: readonly Tensor[];
  /** The result; only its shape is left unless `saves` says so. */
  readonly output: Tensor;
  /** Gradient of the loss with respect to `output`, of its shape. */
  readonly grad: Tensor;
  readonly attrs: A;
  readonly saved: readonly Tensor[];
  /** Which inputs need a gradient. */
  readonly needs: readonly boolean[];
  /** Uninitialised memory for the gradient of input `i`, of its shape; every element must be written. */
  readonly gradOf: (i: number) => Tensor;
}

/** An explicit "has no gradient": comparisons, argmax. */
export const notDifferentiable = 'not differentiable';

/**
 * One op: everything that the engine needs to know about it. An op without a gradient rule does not compile. `forward` and `backward`
 * see tensors of the dtype that most ops are for; those for others declare what they take as `Tensor<DType>`.
 */
export interface Op<A> {
  readonly name: string;
  /** Shape and dtype of the result. Throws `ShapeError`, or `TypeError` for a dtype, in the form `op: expected X, got Y`. */
  infer(inputs: readonly Tensor<DType>[], attrs: A): Spec;
  /** Launches kernels that write every element of `out`. */
  forward(ctx: ForwardContext, inputs: readonly Tensor[], attrs: A, out: Tensor): void;
  /** For ops that show the same memory in another shape: makes the result in place of `forward`. */
  readonly view?: (input: Tensor<DType>, spec: Spec) => Tensor<DType>;
  /** The tensors whose values the gradient rule reads; the memory of others can be freed before the backward pass. */
  readonly saves: { readonly inputs: readonly number[]; readonly output: boolean };
  /** Whether the gradient of input 0 reads input 1 but not input 0, and that of input 1 the other way round. */
  readonly product?: true;
  /** The gradient of each input, `null` where `needs` is false. */
  readonly backward: ((ctx: BackwardContext<A>) => readonly (Tensor | null)[]) | typeof notDifferentiable;
}
