import { philox4 } from '../../src/tensor/philox';
import { tensor } from '../../src/tensor/create/create';
import { sizeOf, type Shape } from '../../src/tensor/shape';
import type { Tensor } from '../../src/tensor/tensor';
import { sum } from '../../src/ops/reduce/reduce';
import { add, mul } from '../../src/ops/elementwise/binary';

/** Numbers in [-1, 1) that differ by `stream`. */
export function numbers(count: number, stream: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => philox4([i, stream, 0, 0], [11, 12])[0] / 2 ** 31 - 1);
}

export function parameter(shape: Shape, stream: number): Tensor {
  return tensor(numbers(sizeOf(shape), stream), { shape, requiresGrad: true });
}

/** Gives each of `params` the gradient `grads[i]` by a backward pass; those whose entry is `null` get none. */
export function backwardWith(params: readonly Tensor[], grads: readonly (Float32Array | null)[]): void {
  let loss: Tensor | null = null;
  params.forEach((param, i) => {
    const grad = grads[i];
    if (!grad) return;
    const term = sum(mul(param, tensor(grad, { shape: param.shape })));
    loss = loss ? add(loss, term) : term;
  });
  (loss as Tensor | null)?.backward();
}
