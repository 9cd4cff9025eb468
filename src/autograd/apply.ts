import type { DType } from '../tensor/dtype';
import { keep, tidy } from '../tensor/scope';
import { checkTensor, Tensor } from '../tensor/tensor';
import { anomalyWatcher } from './anomaly/anomaly';
import { OpNode } from './engine';
import { gradEnabled } from './mode';
import { notDifferentiable, type Op } from './op';

/** Runs an op and, where a gradient is wanted, puts it on the tape. The caller's signature says which dtype `D` the result has. */
export function apply<A, D extends DType = 'float32'>(op: Op<A>, inputs: readonly Tensor<DType>[], attrs: A): Tensor<D>;
export function apply<A>(op: Op<A>, given: readonly Tensor<DType>[], attrs: A): Tensor<DType> {
  const inputs = given as readonly Tensor[];
  inputs.forEach((input, i) => {
    checkTensor(op.name, `input ${i}`, input);
    if (input.device !== inputs[0].device) throw new TypeError(`${op.name}: its inputs are on different devices`);
  });
  const [{ device }] = inputs;
  const spec = op.infer(inputs, attrs);
  const saved: Tensor[] = [];
  let out: Tensor;
  if (op.view) out = op.view(inputs[0], spec) as Tensor;
  else {
    out = Tensor.empty(spec.shape, spec.dtype, device, op.name) as Tensor;
    // What the forward makes beside the result and what it saves dies with it.
    tidy(() => {
      op.forward({ save: (tensor) => saved.push(keep(tensor as Tensor)) }, inputs, attrs, out);
    });
    anomalyWatcher()?.forward(op.name, inputs, out);
  }
  if (gradEnabled() && op.backward !== notDifferentiable && inputs.some((input) => input.requiresGrad)) {
    out.requiresGrad = true;
    out.node = new OpNode(op as Op<unknown>, inputs, attrs, out, saved);
  } else {
    for (const tensor of saved) tensor.dispose();
  }
  return out;
}
