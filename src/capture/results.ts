import type { BufferView } from '../runtime/stream/commands';
import { OpNode } from '../autograd/engine';
import { Tensor } from '../tensor/tensor';
import type { Version } from '../tensor/memory/version';

/** What a function returned: its tensors by where they come from, everything else as it is. */
export type Result =
  | { readonly kind: 'input'; readonly input: number }
  | { readonly kind: 'outside'; readonly tensor: Tensor }
  /** The gradient of a leaf, or of the input with that number. */
  | { readonly kind: 'gradient'; readonly leaf: Tensor | number }
  | { readonly kind: 'made'; readonly made: MadeTensor }
  | { readonly kind: 'array'; readonly items: readonly Result[] }
  | { readonly kind: 'object'; readonly entries: readonly (readonly [string, Result])[] }
  | { readonly kind: 'value'; readonly value: unknown };

/** A tensor that the commands make: each run hands out another tensor on the same memory. */
export interface MadeTensor {
  readonly recorded: Tensor;
  readonly view: BufferView;
  readonly version: Version;
  readonly requiresGrad: boolean;
  readonly node: OpNode | null;
  readonly grad: MadeTensor | null;
}

/** What tells where a returned tensor comes from. */
export interface Origins {
  readonly made: ReadonlySet<Tensor>;
  inputOf(tensor: Tensor): number | null;
  leafOf(gradient: Tensor): Tensor | number | null;
}

/** Sorts what functions return; one tensor that is returned twice is one `MadeTensor`. */
export class ResultReader {
  readonly made = new Map<Tensor, MadeTensor>();
  readonly #origins: Origins;

  constructor(origins: Origins) {
    this.#origins = origins;
  }

  read(value: unknown): Result {
    if (value instanceof Tensor) return this.#tensor(value as Tensor);
    if (Array.isArray(value)) return { kind: 'array', items: value.map((item) => this.read(item)) };
    if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype)
      return { kind: 'value', value };
    const entries = Object.entries(value).map(([key, item]) => [key, this.read(item)] as const);
    return { kind: 'object', entries };
  }

  #tensor(tensor: Tensor): Result {
    const input = this.#origins.inputOf(tensor);
    if (input !== null) return { kind: 'input', input };
    const leaf = this.#origins.leafOf(tensor);
    if (leaf !== null) return { kind: 'gradient', leaf };
    if (!this.#origins.made.has(tensor) || tensor.disposed) return { kind: 'outside', tensor };
    return { kind: 'made', made: this.#made(tensor) };
  }

  #made(tensor: Tensor): MadeTensor {
    let made = this.made.get(tensor);
    if (!made) {
      const { view, version, requiresGrad, node, grad } = tensor;
      made = {
        recorded: tensor,
        view,
        version,
        requiresGrad,
        node: node instanceof OpNode ? node : null,
        grad: grad && !grad.disposed ? this.#made(grad) : null,
      };
      this.made.set(tensor, made);
    }
    return made;
  }
}

/** A tensor for the caller on the memory of `made`. */
export function handOut({ recorded, view, version, requiresGrad, node }: MadeTensor): Tensor {
  const { device, dtype, shape, retainsGrad } = recorded;
  const { storage, offset } = view;
  const tensor = new Tensor({ device, dtype, shape, version, storage: storage.retain(), offset });
  if (requiresGrad) tensor.requiresGrad = true;
  if (retainsGrad) tensor.retainsGrad = true;
  tensor.gradHooks = recorded.gradHooks;
  tensor.node = node;
  return tensor;
}

/** What a run returns. */
export function build(result: Result, made: ReadonlyMap<MadeTensor, Tensor>, inputs: readonly Tensor[]): unknown {
  switch (result.kind) {
    case 'made':
      return made.get(result.made);
    case 'value':
      return result.value;
    case 'outside':
      return result.tensor;
    case 'input':
      return inputs[result.input];
    case 'gradient':
      return (typeof result.leaf === 'number' ? inputs[result.leaf] : result.leaf).grad;
    case 'array':
      return result.items.map((item) => build(item, made, inputs));
    case 'object':
      return Object.fromEntries(result.entries.map(([key, item]) => [key, build(item, made, inputs)]));
  }
}
