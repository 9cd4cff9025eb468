import { elementKernel, launchElements } from '../../runtime/kernels/element-kernel';
import type { Tensor } from '../../tensor/tensor';

const SUM = elementKernel('sum_partials', () => import('./shaders.lazy'));

/** A sum of partial results: `partial` `[slices, ...shape of out]`. */
export interface PartialSum {
  readonly partial: Tensor;
  readonly out: Tensor;
}

/** Adds up the partial results of one or two sums in one dispatch. They are few: one invocation adds up all of an element. */
export function sumPartials(op: string, first: PartialSum, second: PartialSum | null): void {
  const counts = { slices: first.partial.size / first.out.size, first: first.out.size, second: second?.out.size ?? 0 };
  launchElements(
    first.out.device,
    op,
    SUM,
    counts.first + counts.second,
    [first.partial, first.out, ...(second ? [second.partial, second.out] : [])],
    counts,
    { PAIR: second ? 1 : 0 },
  );
}
