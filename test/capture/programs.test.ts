import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { add, clamp, mean, mul, nn, noGrad, optim, relu, sum, tanh, type Tensor } from '../../src';
import { testDevice } from '../support/device';
import { holdsFor } from '../support/random';
import { openTools, run, type Program } from './harness';

/** One thing that a program does between or instead of calls. */
const action = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('call' as const), rows: fc.constantFrom(3, 3, 5) }) },
  fc.record({ kind: fc.constantFrom('train' as const, 'eval' as const), layer: fc.nat(4) }),
  fc.record({ kind: fc.constantFrom('freeze' as const, 'thaw' as const), layer: fc.nat(4) }),
  fc.record({ kind: fc.constant('lr' as const), lr: fc.constantFrom(0, 0.01, 0.5) }),
  fc.record({ kind: fc.constant('p' as const), p: fc.constantFrom(0, 0.3, 0.6) }),
  fc.record({
    kind: fc.constantFrom('zeroGrad', 'eager', 'optimize', 'schedule', 'newOptimizer', 'read', 'load'),
  }),
  fc.record({ kind: fc.constantFrom('dispose', 'keepResult', 'readKept', 'noGrad', 'write') }),
);

const program = fc.record({
  optimizer: fc.constantFrom('sgd', 'momentum', 'adam'),
  head: fc.boolean(),
  zeroGrad: fc.constantFrom('none', 'inside'),
  backward: fc.constantFrom('inside', 'outside', 'never'),
  stepInside: fc.boolean(),
  clip: fc.boolean(),
  reads: fc.constantFrom('nothing', 'grad'),
  total: fc.boolean(),
  actions: fc.array(action, { minLength: 2, maxLength: 14 }),
});

type Drawn = typeof program extends fc.Arbitrary<infer T> ? T : never;

/** Runs to its end, or notes the error of the action that threw and goes on. */
const asProgram =
  (drawn: Drawn): Program =>
  async ({ step, log, data, labels }) => {
    const layers = [nn.linear(4, 5), nn.batchNorm1d(5), nn.dropout(0.3), nn.linear(5, 3), nn.tanh()];
    const model = nn.sequential(...layers);
    const params = drawn.head ? layers[3].parameters() : model.parameters();
    const make = (): optim.Optimizer => {
      if (drawn.optimizer === 'adam') return optim.adam(params, { lr: 0.05 });
      return optim.sgd(params, { lr: 0.05, momentum: drawn.optimizer === 'sgd' ? 0 : 0.9 });
    };
    let optimizer = make();
    let schedule = optim.exponentialLR(optimizer, { gamma: 0.8 });
    const total = data([]);
    const f = step((x, y) => {
      if (drawn.zeroGrad === 'inside') model.zeroGrad();
      const out = model.forward(x);
      const hidden = relu(tanh(clamp(out, -1, 1)));
      const loss = nn.crossEntropy(out, y);
      if (drawn.backward === 'inside' && loss.requiresGrad) loss.backward();
      if (drawn.clip) optim.clipGradNorm(model.parameters(), 0.5);
      const read = drawn.reads === 'grad' ? layers[3].parameters()[0].grad : null;
      const norm = read ? sum(mul(read, read)) : null;
      if (drawn.stepInside) optimizer.step();
      if (drawn.total) total.copyFrom(add(total, loss.detach()));
      return { loss, total, norm, hidden };
    });
    const call = (rows: number): ReturnType<typeof f> => {
      const result = f(data([rows, 4]), labels(rows, 3));
      if (drawn.backward === 'outside' && result.loss.requiresGrad)
        add(result.loss.retainGrad(), mean(result.hidden)).backward();
      return result;
    };
    let latest: Tensor | null = null;
    let kept: Tensor | null = null;
    for (const each of drawn.actions) {
      switch (each.kind) {
        case 'call': {
          const { loss, norm } = call(each.rows);
          latest = loss;
          await log(loss);
          await log(norm);
          break;
        }
        case 'noGrad':
          await log(noGrad(() => f(data([3, 4]), labels(3, 3))).hidden);
          break;
        case 'train':
        case 'eval':
          layers[each.layer].train(each.kind === 'train');
          break;
        case 'freeze':
        case 'thaw':
          for (const parameter of layers[each.layer].parameters()) parameter.requiresGrad = each.kind === 'thaw';
          break;
        case 'lr':
          optimizer.lr = each.lr;
          break;
        case 'p':
          Object.assign(layers[2], { p: each.p });
          break;
        case 'zeroGrad':
          model.zeroGrad();
          break;
        case 'eager': {
          const loss = nn.crossEntropy(model.forward(data([3, 4])), labels(3, 3));
          if (loss.requiresGrad) loss.backward();
          break;
        }
        case 'optimize':
          optimizer.step();
          break;
        case 'schedule':
          schedule.step();
          break;
        case 'newOptimizer':
          if (params.every(({ requiresGrad }) => requiresGrad)) {
            optimizer = make();
            schedule = optim.exponentialLR(optimizer, { gamma: 0.8 });
          }
          break;
        case 'read':
          for (const parameter of model.parameters()) await log(parameter.grad);
          break;
        case 'load':
          model.loadStateDict(
            nn.sequential(nn.linear(4, 5), nn.batchNorm1d(5), nn.dropout(0.3), nn.linear(5, 3)).stateDict(),
          );
          break;
        case 'dispose':
          latest?.dispose();
          latest = null;
          break;
        case 'keepResult':
          kept = latest;
          break;
        case 'readKept':
          if (kept && !kept.disposed) await log(kept);
          break;
        case 'write':
          total.write([0]);
          break;
      }
    }
    for (const tensor of Object.values(model.stateDict())) await log(tensor);
    for (const parameter of model.parameters()) await log(parameter.grad);
    await log(total);
    await log(optimizer.lr);
  };

/** What a captured program may throw where the eager one does not. */
const CLEAR = /^capture: |of a captured step was used after a later call/;

describe('programs that are drawn', () => {
  const counts = { same: 0, refused: 0, both: 0 };
  beforeAll(async () => {
    openTools(await testDevice());
  });

  holdsFor('give the same bits captured as eager, or a clear refusal', program, 80, async (drawn) => {
    const outcome = async (captured: boolean): Promise<{ log?: unknown[]; error?: Error }> => {
      try {
        return { log: await run(asProgram(drawn), captured, 3) };
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        return { error };
      }
    };
    const eager = await outcome(false);
    const captured = await outcome(true);
    const message = captured.error?.message ?? '';
    counts[captured.error ? (eager.error ? 'both' : 'refused') : 'same']++;
    if (captured.error && CLEAR.test(message)) return;
    if (eager.error) expect(message).toBe(eager.error.message);
    else if (captured.error) throw captured.error;
    else expect(captured.log).toEqual(eager.log);
  });

  it('mostly run to their end', () => {
    expect(counts.same).toBeGreaterThan(counts.refused + counts.both);
  });
});
