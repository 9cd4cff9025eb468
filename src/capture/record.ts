import type { Device } from '../runtime/device';
import type { Storage } from '../runtime/memory/storage';
import { storagesOf, type Command } from '../runtime/stream/commands';
import { OpNode, topologicalOrder } from '../autograd/engine';
import type { Tensor } from '../tensor/tensor';
import type { GradientGuard, GradientState } from './gradient-state';
import { checkOverlaps } from './overlap';
import { Recording, type RecordedInput } from './recording';
import { trace, type Trace } from './trace';

const alive = (tensor: Tensor): boolean => !tensor.disposed && !tensor.overwritten;

function guardOf(state: GradientState, { session, inputs }: Trace): GradientGuard {
  const { inside } = state;
  const number = inputs.indexOf(inside);
  const version = state.copyVersion;
  const { grad, used } = state.after((tensor) => session.made.has(tensor));
  return {
    leaf: number < 0 ? inside : number,
    ...state.dependence,
    copiedTo: state.copiedTo,
    at: state.at,
    copiedBack: version !== null && state.same && session.writes.has(version),
    after: grad,
    usedAfter: used,
  };
}

/** The ops of the graphs that go on from the results, as far as the function made them. */
function openNodes({ session, results }: Trace): OpNode[] {
  const nodes = new Set<OpNode>();
  for (const { node } of results.made.values()) {
    if (!node || node.freed) continue;
    for (const each of topologicalOrder(node)) if (session.made.has(each.result)) nodes.add(each);
  }
  return [...nodes];
}

/** Calls `fn` and records what it does on the GPU, without carrying it out. When it throws, everything is as before. */
export function record(
  device: Device,
  inputs: readonly Tensor[],
  fn: (...inputs: readonly Tensor[]) => unknown,
): Recording {
  const pool = device.pool.fork();
  const copies = device.pool.fork();
  const commands: Command[] = [];
  try {
    const done = trace(device, { pool, copies }, inputs, fn, (command) => commands.push(command));
    const { session, results, result } = done;
    try {
      const recordedInputs = done.inputs.map((recorded, i): RecordedInput => {
        const { dtype, shape, requiresGrad, version, view } = recorded;
        const written = session.writes.has(version);
        return { dtype, shape, requiresGrad, leaf: inputs[i].node === null, recorded, view, written };
      });
      const written = recordedInputs.some((input) => input.written);
      const used = [...session.used];
      const exclusive = used.filter(
        (tensor) => written || session.writes.has(tensor.version) || session.gradients.has(tensor),
      );
      const exclusiveViews = exclusive.filter(alive).map(({ view }) => view);
      checkOverlaps(inputs, exclusiveViews, written || recordedInputs.some(({ requiresGrad }) => requiresGrad));

      const gradients = [...session.gradients.values()].map((state) => guardOf(state, done));
      const nodes = openNodes(done);
      const made = [...session.made];
      const reused = new Set<Storage>();
      for (const tensor of [...done.inputs, ...made])
        if (alive(tensor) && tensor.storage.pool === pool) reused.add(tensor.storage);
      const storages = new Set([...reused, ...commands.flatMap(storagesOf).filter(({ references }) => references > 0)]);
      for (const { copiedTo } of gradients) if (copiedTo) storages.add(copiedTo.storage);
      for (const { after } of gradients) if (after.kind === 'made') storages.add(after.view.storage);
      for (const { view } of results.made.values()) storages.add(view.storage);
      const changes = session.changes.map((change) => ({
        ...change,
        after: Reflect.get(change.owner, change.key) as unknown,
      }));
      const recording = new Recording({
        device,
        pools: [pool, copies],
        commands,
        inputs: recordedInputs,
        used,
        settings: session.settings,
        conditions: session.conditions,
        changes,
        gradients,
        written: [...session.writes.keys()],
        exclusive: exclusiveViews,
        result,
        made: [...results.made.values()],
        nodes,
        reused: [...reused],
        storages,
      });
      for (const storage of storages) storage.retain();
      for (const node of nodes) node.record();
      session.settle([...results.made.keys()]);
      for (const input of done.inputs) input.dispose();
      return recording;
    } catch (error) {
      session.rollBack();
      for (const input of done.inputs) input.dispose();
      throw error;
    }
  } catch (error) {
    pool.close();
    copies.close();
    throw error;
  }
}
