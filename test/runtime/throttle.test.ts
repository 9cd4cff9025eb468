import { describe, expect, it } from 'vitest';
import { DeviceLostError } from '../../src/device/errors';
import type { AdapterKind, Gpu } from '../../src/device/gpu';
import { Storage } from '../../src/runtime/memory/storage';
import { CommandStream } from '../../src/runtime/stream/command-stream';

const STORAGE = new Storage({ recycle: () => undefined }, {} as GPUBuffer, 1);

/** A stream on a GPU that finishes its work when the test says so. */
function stream(kind: AdapterKind) {
  /** How to finish each fence: what `onSubmittedWorkDone` promised. */
  const fences: (() => void)[] = [];
  let lose: (error: DeviceLostError) => void = () => undefined;
  const queue = {
    writeBuffer: () => undefined,
    onSubmittedWorkDone: () =>
      new Promise<void>((resolve) => {
        fences.push(resolve);
      }),
  };
  const gpu = {
    device: { queue, createBuffer: () => ({}) },
    info: { kind },
    lostError: null,
    lost: new Promise<DeviceLostError>((resolve) => {
      lose = resolve;
    }),
    takeErrors: () => [],
  } as unknown as Gpu;
  const commands = new CommandStream(gpu, { runtime: null, pipelineCreated: null }, null);
  const submit = (batches: number): void => {
    for (let i = 0; i < batches; i++) {
      commands.push({ kind: 'write', storage: STORAGE, offset: 0, data: new Uint8Array(4) });
      commands.flush();
    }
  };
  return {
    commands,
    fences,
    submit,
    lose: () => {
      lose(new DeviceLostError('unknown', 'gone'));
    },
  };
}

/** Whether `work` has settled once all callbacks that can run have run. */
async function settled(work: Promise<unknown>): Promise<boolean> {
  let done = false;
  const end = (): void => {
    done = true;
  };
  work.then(end, end);
  await new Promise((resolve) => setTimeout(resolve));
  return done;
}

describe('throttle', () => {
  it('waits for the oldest batches until so many are left', async () => {
    const { commands, fences, submit } = stream('gpu');
    submit(4);
    expect(fences).toHaveLength(4);
    const two = commands.throttle(2);
    expect(await settled(two)).toBe(false);
    fences[0]();
    expect(await settled(two)).toBe(false);
    fences[1]();
    expect(await settled(two)).toBe(true);
    expect(await settled(commands.throttle(2))).toBe(true);
    const none = commands.finish();
    fences[2]();
    expect(await settled(none)).toBe(false);
    fences[3]();
    expect(await settled(none)).toBe(true);
  });

  it('submits what was pushed, and counts it', async () => {
    const { commands, fences, submit } = stream('gpu');
    submit(1);
    commands.push({ kind: 'write', storage: STORAGE, offset: 0, data: new Uint8Array(4) });
    const one = commands.throttle(1);
    expect(await settled(one)).toBe(false);
    expect(fences).toHaveLength(2);
    fences[0]();
    expect(await settled(one)).toBe(true);
  });

  it('on a CPU creates no fence until someone waits, then waits for all that is submitted', async () => {
    const { commands, fences, submit } = stream('cpu');
    submit(2);
    expect(await settled(commands.throttle(2))).toBe(true);
    expect(fences).toHaveLength(0);
    submit(1);
    const two = commands.throttle(2);
    expect(await settled(two)).toBe(false);
    submit(2);
    fences[0]();
    expect(await settled(two)).toBe(true);
    // Those two are the only ones unfinished.
    expect(await settled(commands.throttle(2))).toBe(true);
    expect(await settled(commands.throttle(1))).toBe(false);
    expect(fences).toHaveLength(2);
  });

  it('rejects when the device is lost meanwhile', async () => {
    const { commands, submit, lose } = stream('gpu');
    submit(2);
    const one = commands.throttle(1);
    lose();
    await expect(one).rejects.toThrow(DeviceLostError);
  });
});
