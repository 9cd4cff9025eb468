import { describe, expect, it } from 'vitest';
import { Pace } from '../../src/runtime/pace';

let time = 0;

/** A pace that has seen waits of so many milliseconds, for 10 dispatches each. */
function after(...waits: readonly number[]): Pace {
  const pace = new Pace(() => time);
  for (const ms of waits) {
    pace.submitted(10);
    time += ms;
    pace.reached(pace.mark);
  }
  return pace;
}

describe('pace', () => {
  it('expects nothing before it has seen some waits', () => {
    const pace = after(20, 20);
    pace.submitted(10);
    expect(pace.expected).toBe(0);
  });

  it('expects less than the shortest of the last waits, for as many dispatches', () => {
    const pace = after(1, 20, 40, 30);
    pace.submitted(20);
    expect(pace.expected).toBeCloseTo(0.7 * 40);
  });

  it('takes what has passed off, and what is done', () => {
    const pace = after(20, 20, 20);
    pace.submitted(10);
    const mark = pace.mark;
    pace.submitted(10);
    time += 10;
    expect(pace.expected).toBeCloseTo(0.7 * 40 - 10);
    pace.reached(mark);
    expect(pace.expected).toBeCloseTo(0.7 * 10);
  });

  it('does not take a sleep that was too long for the time of the work', () => {
    const pace = after(100, 100, 100);
    pace.submitted(10);
    time += 70;
    pace.slept();
    time += 1;
    pace.reached(pace.mark);
    pace.submitted(10);
    expect(pace.expected).toBeCloseTo(0.7 * 35.5);
  });

  it('does not expect of many dispatches what a few large ones took', () => {
    const pace = after(100, 120, 110);
    pace.submitted(5000);
    expect(pace.expected).toBeCloseTo(0.7 * 240);
  });
});
