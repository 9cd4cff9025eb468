import { beforeAll, describe, expect, it } from 'vitest';
import { capture } from '../../src/capture/capture';
import type { Device } from '../../src/runtime/device';
import { tensor } from '../../src/tensor/create/create';
import { sizeOf, type Shape } from '../../src/tensor/shape';
import { Tensor } from '../../src/tensor/tensor';
import { testDevice } from '../support/device';
import { numbers } from '../support/numbers';

/** What a program is given. */
export interface Tools {
  readonly device: Device;
  readonly seed: number;
  /** `capture`, or its argument as it is. */
  readonly step: <F extends (...inputs: Tensor[]) => unknown>(fn: F) => F;
  /** Notes the elements of a tensor, or a value of the host. */
  readonly log: (value: unknown) => Promise<void>;
  /** Numbers that differ from call to call and from seed to seed. */
  readonly data: (shape: Shape, options?: { requiresGrad?: boolean }) => Tensor;
  /** Class numbers below `classes`. */
  /** int32, but typed as the steps declare their inputs. */
  readonly labels: (count: number, classes: number) => Tensor;
}

export type Program = (tools: Tools) => void | Promise<void>;

let device: Device;

/** Names the device that programs run on. */
export function openTools(on: Device): void {
  device = on;
}

const isTensor = (value: unknown): value is Tensor => value instanceof Tensor;

async function noted(value: unknown): Promise<unknown> {
  if (isTensor(value)) {
    const data = await value.data();
    return { shape: value.shape, bits: [...new Uint32Array(data.buffer)] };
  }
  return value;
}

/** Runs `program`, eager or captured, and returns what it noted. */
export async function run(program: Program, captured: boolean, seed: number): Promise<unknown[]> {
  Object.assign(device.generator, { seed, offset: 0 });
  const log: unknown[] = [];
  const steps: { dispose(): void }[] = [];
  let drawn = 0;
  const next = (count: number): Float32Array => numbers(count, 1000 * seed + drawn++);
  const tools: Tools = {
    device,
    seed,
    step: (fn) => {
      if (!captured) return fn;
      const step = capture(fn);
      steps.push(step);
      return step as unknown as typeof fn;
    },
    log: async (value) => {
      log.push(await noted(value));
    },
    data: (shape, options) => tensor(next(sizeOf(shape)), { shape, ...options }),
    labels: (count, classes) =>
      tensor(Int32Array.from(next(count), (x) => Math.floor(((x + 1) / 2) * classes))) as never,
  };
  try {
    await program(tools);
    return log;
  } finally {
    for (const step of steps) step.dispose();
  }
}

const SEEDS = [1, 2];

/** Tests that each of `programs` notes the same captured as eager, bit for bit, and notes something. */
export function same(kind: string, programs: Readonly<Record<string, Program>>): void {
  describe(kind, () => {
    beforeAll(async () => {
      openTools(await testDevice());
    });
    it.each(Object.entries(programs))('%s', async (_, program) => {
      for (const seed of SEEDS) {
        const eager = await run(program, false, seed);
        const captured = await run(program, true, seed);
        expect(eager.length).toBeGreaterThan(0);
        expect(captured).toEqual(eager);
      }
    });
  });
}

/** Tests that each of `programs` runs eager, and captured throws its message. */
export function refused(
  kind: string,
  programs: Readonly<Record<string, readonly [message: string | RegExp, program: Program]>>,
): void {
  describe(`${kind}, refused`, () => {
    beforeAll(async () => {
      openTools(await testDevice());
    });
    it.each(Object.entries(programs).map(([name, [message, program]]) => [name, message, program] as const))(
      '%s',
      async (_, message, program) => {
        await run(program, false, 1);
        await expect(run(program, true, 1)).rejects.toThrow(message);
      },
    );
  });
}
