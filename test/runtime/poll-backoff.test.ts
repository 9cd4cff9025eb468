import { describe, expect, it } from 'vitest';
import { PollBackoff, nodePollBackoff } from '../../src/runtime/stream/poll-backoff.lazy';

/** An event loop and a clock by hand: a turn takes 0.01 ms and what is slept in it. */
function world() {
  let now = 0;
  const turns: (() => void)[] = [];
  const sleeps: number[] = [];
  const began: number[] = [];
  const backoff = new PollBackoff(
    (turn) => turns.push(turn),
    () => now,
    (ms) => {
      began.push(now);
      sleeps.push(ms);
      now += ms;
    },
  );
  const run = async (ms: number): Promise<void> => {
    for (const end = now + ms; now < end && turns.length > 0;) {
      now += 0.01;
      turns.shift()?.();
      await Promise.resolve();
    }
  };
  return { backoff, sleeps, began, turns, run };
}

function pending() {
  let settle = (): void => undefined;
  const work = new Promise<string>((resolve) => {
    settle = () => {
      resolve('done');
    };
  });
  return { work, settle };
}

describe('PollBackoff', () => {
  it('sleeps in each turn of a long wait, for a twentieth of the time waited and 1 ms at most', async () => {
    const { backoff, sleeps, began, run } = world();
    const { work, settle } = pending();
    const waited = backoff.during(work);
    await run(100);
    expect(sleeps.length).toBeLessThan(200);
    sleeps.forEach((ms, i) => {
      expect(ms).toBeCloseTo(Math.min(1, began[i] / 20), 9);
    });
    expect(sleeps[0]).toBeLessThan(0.2);
    expect(Math.max(...sleeps)).toBe(1);
    expect(sleeps.reduce((all, sleep) => all + sleep, 0)).toBeGreaterThan(90);
    settle();
    expect(await waited).toBe('done');
  });

  it('does not sleep in a short wait', async () => {
    const { backoff, sleeps, run } = world();
    const { work, settle } = pending();
    const waited = backoff.during(work);
    await run(1.5);
    settle();
    await waited;
    expect(sleeps).toEqual([]);
  });

  it('takes no turns while nothing is awaited, and starts again when something is', async () => {
    const { backoff, turns, run } = world();
    const [first, second] = [pending(), pending()];
    const both = Promise.all([backoff.during(first.work), backoff.during(second.work)]);
    expect(turns.length).toBe(1);
    first.settle();
    await run(10);
    expect(turns.length).toBe(1);
    second.settle();
    await both;
    await run(10);
    expect(turns.length).toBe(0);
    void backoff.during(pending().work);
    expect(turns.length).toBe(1);
  });

  it('settles as what it waits for does', async () => {
    const { backoff, run } = world();
    const failing = backoff.during(Promise.reject(new Error('lost')));
    await expect(failing).rejects.toThrow('lost');
    await run(10);
  });
});

describe('nodePollBackoff', () => {
  it('is only there where an event loop can be slept in', () => {
    expect(nodePollBackoff() !== null).toBe('setImmediate' in globalThis && typeof SharedArrayBuffer !== 'undefined');
  });
});
