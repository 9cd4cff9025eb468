import { ones } from '../tensor/create/create';
import { tidy } from '../tensor/scope';
import { GraphError } from '../tensor/errors';
import { formatShape, sameShape, ShapeError } from '../tensor/shape';
import type { GradNode } from '../tensor/gradient';
import { checkTensor, Tensor } from '../tensor/tensor';
import { tracer } from '../tensor/tracer';
import { anomalyWatcher, withinRule } from './anomaly/anomaly';
import { LeafGradients, sum } from './accumulate';
import { afterHooks } from './gradient-hooks';
import { noGrad } from './mode';
import { describeTensor, keptAlias, shapeOnly, type Recorded } from './saved-tensors';
import { notDifferentiable, type BackwardContext, type Op } from './op';

const FREED = 'backward() freed it; call keep() or retainGrad() on it before backward()';

/** One op on the tape: what it read, what it made, and how to go back. */
export class OpNode implements GradNode<Tensor> {
  readonly #op: Op<unknown>;
  readonly #attrs: unknown;
  readonly #inputs: readonly Tensor[];
  readonly #output: Tensor;
  readonly #saved: readonly Tensor[];
  /** Which inputs required a gradient when the op ran. */
  readonly #recorded: readonly boolean[];
  /** The versions of the inputs and of the result when the op ran. */
  #inputVersions: readonly number[];
  #outputVersion: number;
  /** The tensor that it made, while it is not disposed, and the nodes that read this one's result. */
  #users = 1;
  freed = false;
  #recordedAs: Recorded | null = null;

  constructor(
    op: Op<unknown>,
    public inputs: readonly Tensor[],
    attrs: unknown,
    /** The tensor that the user holds. */
    public result: Tensor,
    saved: readonly Tensor[],
  ) {
    this.#op = op;
    this.#attrs = attrs;
    this.#inputs = inputs.map((input, i) => (op.saves.inputs.includes(i) ? keptAlias(input) : shapeOnly(input)));
    this.#output = op.saves.output ? keptAlias(result) : shapeOnly(result);
    this.#saved = saved;
    this.#recorded = inputs.map((input) => input.requiresGrad);
    // Of the aliases: an optimizer may give the tensor itself another place, and so another version.
    this.#inputVersions = this.#inputs.map(({ version }) => version.count);
    this.#outputVersion = this.#output.version.count;
    for (const { node } of inputs) if (node instanceof OpNode) node.#users++;
  }

  get name(): string {
    return this.#op.name;
  }

  /** The gradients of the inputs, given the one of the output. */
  pull(grad: Tensor, leaves: LeafGradients): readonly (Tensor | null)[] {
    if (this.#op.backward === notDifferentiable) throw new GraphError(`${this.name}: has no gradient`);
    const needs = this.inputs.map((input, i) => this.#recorded[i] && input.requiresGrad);
    const ctx: BackwardContext<unknown> = {
      inputs: this.#inputs,
      output: this.#output,
      grad,
      attrs: this.#attrs,
      saved: this.#saved,
      needs,
      gradOf: (i) =>
        leaves.place(this.inputs[i]) ?? Tensor.empty(this.inputs[i].shape, 'float32', grad.device, this.name),
    };
    const { backward } = this.#op;
    const results = withinRule(() => backward(ctx));
    anomalyWatcher()?.backward(this.name, this.result, grad, this.#inputs, results);
    results.forEach((result, i) => {
      if (result && !sameShape(result.shape, this.inputs[i].shape)) {
        throw new ShapeError(
          `${this.name}: its gradient rule gave ${formatShape(result.shape)} for input ${i} of shape ${formatShape(this.inputs[i].shape)}`,
        );
      }
    });
    return results.map((result, i) => (needs[i] ? result : null));
  }

  /** Throws `GraphError` where a tensor that the gradient depends on was written to since the op ran. */
  checkVersions(): void {
    const { product, saves } = this.#op;
    const refuse = (what: string, tensor: Tensor): never => {
      throw new GraphError(
        `backward: ${what} ${describeTensor(tensor)} of ${this.name} was written to after the forward pass, but the gradient depends on ` +
          'the values that it had: run backward() before the write or the optimizer step, or run the forward pass again after it',
      );
    };
    // An optional input that is left out may be named too.
    const read = (i: number): boolean => i < this.inputs.length && (!product || i > 1 || this.#recorded[1 - i]);
    for (const i of saves.inputs)
      if (read(i) && this.#inputs[i].version.count !== this.#inputVersions[i]) refuse(`input ${i}`, this.inputs[i]);
    if (saves.output && this.#output.version.count !== this.#outputVersion) refuse('the result', this.result);
    this.inputs.forEach((input, i) => {
      // Throws: the graph before it is that of a later call.
      if (input.overwritten) input.detach();
      // What a view shows is the tensor that it was made from.
      let { node } = input;
      while (node instanceof OpNode && node.#op.view) ({ node } = node.inputs[0]);
      if (node instanceof OpNode && node.#outputVersion !== this.#inputVersions[i]) {
        throw new GraphError(
          `backward: the result ${describeTensor(input)} of ${node.name} was written to before ${this.name} read it, which the graph does ` +
            'not know of: write to a leaf or to the result of an op under noGrad()',
        );
      }
    });
  }

  /** Gives the memory back that only the tape needed. */
  #free(): void {
    this.freed = true;
    if (this.#recordedAs) return;
    for (const tensor of this.#memory()) tensor.dispose();
  }

  #memory(): readonly Tensor[] {
    return [...this.#inputs, this.#output, ...this.#saved];
  }

  /** Keeps the memory for later runs of the same commands, until `forget()`. */
  record(): void {
    const { inputs, result } = this;
    this.#recordedAs = {
      inputs,
      result,
      users: this.#users,
      inputWrites: this.#inputs.map(({ version }, i) => version.count - this.#inputVersions[i]),
      outputWrites: this.#output.version.count - this.#outputVersion,
    };
  }

  /** As after the forward pass again, with the values of a later run. `inPlaceOf`: tensors by the recorded ones. */
  renew(inPlaceOf: ReadonlyMap<Tensor, Tensor>): void {
    if (!this.#recordedAs) return;
    const { inputs, result, users, inputWrites, outputWrites } = this.#recordedAs;
    this.inputs = inputs.map((input) => inPlaceOf.get(input) ?? input);
    this.result = inPlaceOf.get(result) ?? result;
    this.#users = users;
    this.freed = false;
    for (const tensor of this.#memory()) tensor.renew();
    this.#inputVersions = this.#inputs.map(({ version }, i) => version.count - inputWrites[i]);
    this.#outputVersion = this.#output.version.count - outputWrites;
  }

  /** There are no later runs. */
  forget(): void {
    this.#recordedAs = null;
    this.#free();
  }

  /** After the backward pass from `root`: neither the tape nor the result is needed any more. */
  finish(root: Tensor): void {
    this.#free();
    if (this.result !== root && !this.result.kept && !this.result.retainsGrad) this.result.free(FREED);
  }

  /** One user less; without any, no backward pass can come by. A loop, since graphs are deep. */
  release(): void {
    const stack: OpNode[] = [this];
    for (let node = stack.pop(); node; node = stack.pop()) {
      node.#users--;
      if (node.#users > 0 || node.freed) continue;
      node.#free();
      for (const input of node.inputs) if (input.node instanceof OpNode) stack.push(input.node);
    }
  }

  backward(root: Tensor, gradient: Tensor | undefined, retainGraph: boolean): void {
    noGrad(() => {
      tidy(() => {
        runBackward(this, root, gradient, retainGraph);
      });
    });
  }
}

/** The nodes that led to `last`, and it, in an order in which each comes after everything that it was computed from. */
export function topologicalOrder(last: OpNode): OpNode[] {
  const order: OpNode[] = [];
  const seen = new Set<OpNode>([last]);
  const stack: { node: OpNode; next: number }[] = [{ node: last, next: 0 }];
  for (let top = stack.at(-1); top; top = stack.at(-1)) {
    if (top.next === top.node.inputs.length) {
      order.push(top.node);
      stack.pop();
      continue;
    }
    const { node } = top.node.inputs[top.next++];
    if (node instanceof OpNode && !seen.has(node)) {
      seen.add(node);
      stack.push({ node, next: 0 });
    }
  }
  return order;
}

function runBackward(last: OpNode, root: Tensor, gradient: Tensor | undefined, retainGraph: boolean): void {
  if (gradient !== undefined) checkTensor('backward', 'gradient', gradient);
  if (!gradient && root.size !== 1) {
    throw new ShapeError(`backward: a tensor of shape ${formatShape(root.shape)} needs a gradient of that shape`);
  }
  if (gradient && !sameShape(gradient.shape, root.shape)) {
    throw new ShapeError(
      `backward: expected a gradient of shape ${formatShape(root.shape)}, got ${formatShape(gradient.shape)}`,
    );
  }
  const dtype: string = gradient?.dtype ?? 'float32';
  if (dtype !== 'float32') throw new TypeError(`backward: expected a float32 gradient, got ${dtype}`);
  const order = topologicalOrder(last);
  for (const node of order) tracer?.differentiate(node.result);
  const used = order.find((node) => node.freed);
  if (used)
    throw new GraphError(
      `backward: the graph before ${used.name} was freed by an earlier backward(); pass { retainGraph: true } to that one`,
    );

  // Before anything is written.
  for (const node of order) node.checkVersions();
  const leaves = new LeafGradients();
  const grads = new Map<Tensor, Tensor>([[root, gradient?.alias() ?? ones(root.shape, { device: root.device })]]);
  const add = (input: Tensor, part: Tensor): void => {
    const before = grads.get(input);
    grads.set(input, before ? sum(before, part) : part.alias());
    before?.dispose();
  };
  for (const node of order.reverse()) {
    const computed = grads.get(node.result);
    if (computed) {
      grads.delete(node.result);
      const grad = afterHooks(node.result, computed);
      if (node.result.retainsGrad) leaves.add(node.result, grad);
      const parts = tidy(() => node.pull(grad, leaves));
      parts.forEach((part, i) => {
        const input = node.inputs[i];
        if (!part) return;
        if (input.node) add(input, part);
        else leaves.add(input, part);
      });
      for (const part of parts) part?.dispose();
      grad.dispose();
    }
    if (!retainGraph) node.finish(root);
  }
  leaves.commit();
}
