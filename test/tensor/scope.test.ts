import { beforeAll, describe, expect, it } from 'vitest';
import type { Device } from '../../src/runtime/device';
import { add } from '../../src/ops/elementwise/binary';
import { ones, zeros } from '../../src/tensor/create/create';
import { keep, tidy } from '../../src/tensor/scope';
import type { Tensor } from '../../src/tensor/tensor';
import { testDevice } from '../support/device';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});

/** The bytes that `fn` leaves in use. */
function growth(fn: () => unknown): number {
  const { used } = device.memory;
  fn();
  return device.memory.used - used;
}

describe('tidy', () => {
  it('frees what is made inside and returns what fn returns', async () => {
    let inside: Tensor | undefined;
    const out = tidy(() => {
      inside = ones([4]);
      return add(inside, inside);
    });
    expect(inside?.disposed).toBe(true);
    expect(await out.data()).toEqual(new Float32Array([2, 2, 2, 2]));
  });
  it('passes on values that are no tensors', () => {
    expect(tidy(() => 7)).toBe(7);
    expect(tidy((): unknown => undefined)).toBeUndefined();
    expect(tidy(() => null)).toBeNull();
  });
  it.each<[string, (a: Tensor, b: Tensor) => unknown]>([
    ['an array', (a, b) => [a, null, b]],
    ['an object', (a, b) => ({ a, n: 1, b })],
    ['a nest of both', (a, b) => ({ list: [{ a }, [b, 'text']] })],
  ])('keeps the tensors of %s', (_, shape) => {
    const made: Tensor[] = [];
    tidy(() => {
      made.push(zeros([1]), zeros([1]), zeros([1]));
      return shape(made[0], made[2]);
    });
    expect(made.map((x) => x.disposed)).toEqual([false, true, false]);
  });
  it('finds its way out of a circle', () => {
    interface Ring {
      x: Tensor;
      next?: Ring;
    }
    const ring = tidy(() => {
      const made: Ring = { x: zeros([1]) };
      made.next = made;
      return made;
    });
    expect(ring.x.disposed).toBe(false);
  });
  it('leaves alone what was made outside', () => {
    const outside = zeros([1]);
    tidy(() => add(outside, 1));
    expect(outside.disposed).toBe(false);
    expect(tidy(() => outside)).toBe(outside);
    expect(outside.disposed).toBe(false);
  });
  it('nests: what the inner one returns belongs to the outer one', () => {
    const made: Tensor[] = [];
    const growing = growth(() => {
      tidy(() => {
        const inner = tidy(() => {
          made.push(zeros([1]));
          return ones([1]);
        });
        expect(made[0].disposed).toBe(true);
        expect(inner.disposed).toBe(false);
        made.push(inner, zeros([1]));
      });
    });
    expect(made.every((x) => x.disposed)).toBe(true);
    expect(growing).toBe(0);
  });
  it('frees and restores the scope around it when fn throws', () => {
    const growing = growth(() => {
      tidy(() => {
        expect(() =>
          tidy(() => {
            zeros([1]);
            throw new Error('mine');
          }),
        ).toThrow('mine');
        zeros([1]);
      });
    });
    expect(growing).toBe(0);
  });
  it('does not mind what was freed by hand', () => {
    expect(
      growth(() => {
        tidy(() => {
          zeros([1]).dispose();
        });
      }),
    ).toBe(0);
  });
  it('refuses an async function, and frees', () => {
    const growing = growth(() => {
      expect(() => tidy(() => Promise.resolve(zeros([1])))).toThrow(
        'tidy: fn returned a promise; expected a synchronous function',
      );
    });
    expect(growing).toBe(0);
  });
  it('keeps a loop flat', () => {
    let x = ones([64]);
    const growing = growth(() => {
      for (let i = 0; i < 500; i++) {
        const next = tidy(() => add(add(x, 1), add(x, 2)));
        x.dispose();
        x = next;
      }
    });
    expect(growing).toBe(0);
  });
});

describe('keep', () => {
  it('takes a tensor out of the scope', () => {
    const kept = tidy(() => {
      const x = keep(zeros([1]));
      return () => x;
    })();
    expect(kept.disposed).toBe(false);
    expect(kept.kept).toBe(true);
  });
  it('takes it out of all scopes around it, also called further in', () => {
    let x: Tensor | undefined;
    tidy(() => {
      tidy(() => {
        x = zeros([1]);
        return x;
      });
      const made = x;
      tidy(() => {
        if (made) keep(made);
      });
    });
    expect(x?.disposed).toBe(false);
  });
  it('still lets the tensor be freed by hand', () => {
    const x = keep(zeros([1]));
    x.dispose();
    expect(x.disposed).toBe(true);
  });
});
