import type { Device } from '../runtime/device';
import type { BufferPool } from '../runtime/memory/buffer-pool';
import type { Storage } from '../runtime/memory/storage';
import { copyCommand, type BufferView, type Command, type CopyCommand } from '../runtime/stream/commands';
import { RecordedGraph } from '../runtime/stream/recorded-graph';
import { anomalyWatcher } from '../autograd/anomaly/anomaly';
import { gradEnabled } from '../autograd/mode';
import type { OpNode } from '../autograd/engine';
import type { DType } from '../tensor/dtype';
import { hookChanges } from '../tensor/hooks';
import { keep } from '../tensor/scope';
import { sameShape, type Shape } from '../tensor/shape';
import { Tensor } from '../tensor/tensor';
import type { Version } from '../tensor/memory/version';
import type { Params } from '../wgsl/params';
import { gradientCopy, gradientFits, setGradient, type GradientGuard } from './gradient-state';
import { overlaps } from './overlap';
import { build, handOut, type MadeTensor, type Result } from './results';
import type { Change, Setting } from './session';

/** One input as a recording expects it. */
export interface RecordedInput {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly requiresGrad: boolean;
  readonly leaf: boolean;
  /** What the function saw. */
  readonly recorded: Tensor;
  /** Where the commands expect the elements. */
  readonly view: BufferView;
  /** Whether the commands write to it. */
  readonly written: boolean;
}

/** Everything that was learned of one call of the function. */
export interface RecordingParts {
  readonly device: Device;
  readonly pools: readonly BufferPool[];
  readonly commands: readonly Command[];
  readonly inputs: readonly RecordedInput[];
  readonly used: readonly Tensor[];
  readonly settings: readonly Setting[];
  readonly conditions: readonly (() => boolean)[];
  readonly changes: readonly (Change & { readonly after: unknown })[];
  readonly gradients: readonly GradientGuard[];
  /** Versions of the tensors that the commands write to after they were made. */
  readonly written: readonly Version[];
  /** Memory from outside that no input may share: see overlap.ts. */
  readonly exclusive: readonly BufferView[];
  readonly result: Result;
  readonly made: readonly MadeTensor[];
  /** The ops of graphs that go on from the results. */
  readonly nodes: readonly OpNode[];
  /** Memory of the recording that tensors of a run refer to. */
  readonly reused: readonly Storage[];
  /** Memory that the recording needs; it owns a reference to each. */
  readonly storages: ReadonlySet<Storage>;
}

/** One recording of a function, for inputs and a state of things as they were when it was made. */
export class Recording {
  readonly graph: RecordedGraph;
  readonly commands: readonly Command[];
  readonly result: Result;
  /** Gives the memory back; holds nothing of the user's. */
  readonly release: () => void;
  /** Runs so far. */
  runs = 0;
  readonly #parts: RecordingParts;
  /** The gradients that are copied in front of a run. */
  readonly #copied: readonly GradientGuard[];
  /** Whether inputs may not share memory with each other. */
  readonly #distinct: boolean;
  readonly #version: number;
  readonly #hooks = hookChanges;
  readonly #gradMode = gradEnabled();
  /** The run at which the function is called again. */
  #nextCheck = 2;
  readonly #watched = anomalyWatcher() !== null;

  constructor(parts: RecordingParts) {
    const { device, pools, commands, storages, result } = parts;
    this.release = releaseOf(device, storages, pools);
    this.#parts = parts;
    this.#copied = parts.gradients.filter(({ copiedTo }) => copiedTo !== null);
    this.#distinct = parts.inputs.some(({ written, requiresGrad }) => written || requiresGrad);
    this.commands = commands;
    this.result = result;
    this.graph = new RecordedGraph(device.gpu.device, commands);
    this.#version = device.recordingVersion;
  }

  /**
   * Whether it can never be run again: a tensor that it needs was disposed, moved or overwritten, other kernels were chosen, or a hook
   * came or went.
   */
  get outdated(): boolean {
    const { device, used } = this.#parts;
    if (this.#version !== device.recordingVersion || this.#hooks !== hookChanges) return true;
    for (const tensor of used) if (tensor.disposed || tensor.overwritten) return true;
    return false;
  }

  /** Whether the function is called again at the next run, to see that it does what was recorded: at runs 2, 10, 100, … */
  get checkedNext(): boolean {
    return !this.#watched && this.runs + 1 === this.#nextCheck;
  }

  /** Whether a run with `inputs` does what the function would do now. */
  fits(device: Device, inputs: readonly Tensor[]): boolean {
    const { inputs: expected, settings, conditions, gradients, exclusive } = this.#parts;
    if (device !== this.#parts.device || this.#gradMode !== gradEnabled() || inputs.length !== expected.length)
      return false;
    for (let i = 0; i < inputs.length; i++) {
      const { dtype, shape, requiresGrad, leaf } = expected[i];
      const input = inputs[i];
      if (input.dtype !== dtype || input.requiresGrad !== requiresGrad || (input.node === null) !== leaf) return false;
      if (!sameShape(input.shape, shape)) return false;
    }
    for (const { owner, key, value } of settings) if (!Object.is(owner[key], value)) return false;
    for (const holds of conditions) if (!holds()) return false;
    for (const guard of gradients) if (!gradientFits(guard, leafOf(guard, inputs))) return false;
    return !overlaps(inputs, exclusive, this.#distinct);
  }

  /** Runs it; `params` are those that change from run to run. */
  run(inputs: readonly Tensor[], params: readonly Params[]): unknown {
    const { device, written, reused, inputs: expected } = this.#parts;
    const { stream } = device;
    if (++this.runs === this.#nextCheck) this.#nextCheck = this.runs < 10 ? 10 : 10 * this.runs;
    this.#copyIn(inputs);
    const after: CopyCommand[] = [];
    for (const guard of this.#copied) {
      const [before, behind] = gradientCopy(guard, leafOf(guard, inputs));
      if (before) stream.push(before);
      if (behind) after.push(behind);
    }
    if (this.runs > 1) for (const storage of reused) storage.generation++;
    device.replay(this.graph, params);
    for (const command of after) stream.push(command);
    expected.forEach(({ view, written: back }, i) => {
      if (!back) return;
      stream.push(copyCommand(view, inputs[i].view));
      inputs[i].version.bump();
    });
    for (const version of written) version.bump();
    return this.#finish(inputs);
  }

  /** Puts the state of things on the host as the function would leave it; returns what the function returns. */
  #finish(inputs: readonly Tensor[]): unknown {
    const { changes, gradients, made, nodes, inputs: expected, result } = this.#parts;
    for (const { set, after } of changes) set(after);
    for (const guard of gradients) setGradient(guard, leafOf(guard, inputs));
    if (made.length === 0) return build(result, NOTHING, inputs);
    const tensors = new Map(made.map((each) => [each, handOut(each)]));
    for (const [{ grad }, tensor] of tensors) if (grad) tensor.grad = keep(tensors.get(grad) ?? handOut(grad));
    if (nodes.length > 0) {
      const inPlaceOf = new Map<Tensor, Tensor>(expected.map(({ recorded }, i) => [recorded, inputs[i]]));
      for (const [{ recorded }, tensor] of tensors) inPlaceOf.set(recorded, tensor);
      for (const node of nodes) node.renew(inPlaceOf);
    }
    return build(result, tensors, inputs);
  }

  /** Copies the inputs to where the commands expect them, as if all at once. */
  #copyIn(inputs: readonly Tensor[]): void {
    const { device, inputs: expected } = this.#parts;
    const { stream } = device;
    // A result can lie in the memory of an input: it would be overwritten before it is read.
    const lent = inputs.some(({ storage }, i) => expected.some(({ view }, j) => i !== j && view.storage === storage));
    const sources = lent ? inputs.map(copyOf) : inputs;
    for (let i = 0; i < sources.length; i++) {
      const { view } = expected[i];
      const from = sources[i].view;
      if (from.storage !== view.storage) stream.push(copyCommand(from, view));
    }
    if (lent) for (const copy of sources) copy.dispose();
  }

  /** There are no further runs. */
  dispose(): void {
    for (const node of this.#parts.nodes) node.forget();
    this.release();
    const { graph } = this;
    this.#parts.device.stream.afterSubmit(() => {
      graph.dispose();
    });
  }
}

// Not in the class: the function must not hold a recording, whose commands may lead to the captured step.
const releaseOf = (device: Device, storages: ReadonlySet<Storage>, pools: readonly BufferPool[]) => (): void => {
  device.stream.afterSubmit(() => {
    for (const storage of storages) storage.release();
    for (const pool of pools) pool.close();
  });
};

const NOTHING: ReadonlyMap<MadeTensor, Tensor> = new Map();

const leafOf = ({ leaf }: GradientGuard, inputs: readonly Tensor[]): Tensor =>
  typeof leaf === 'number' ? inputs[leaf] : leaf;

function copyOf(tensor: Tensor): Tensor {
  const copy = keep(Tensor.empty(tensor.shape, tensor.dtype, tensor.device, 'capture'));
  copy.copyFrom(tensor);
  return copy;
}
