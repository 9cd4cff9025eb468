import type { SeenProblem } from '../variants/selection';
import { defaultDevice, type Device } from '../runtime/device';
import { storeVariantRecord } from './cache';
import { measureVariants, type TunedShape } from './tuner';
import { refusePromise, tidy } from '../tensor/scope';
import { Session } from '../capture/session';

/** Options of `tune()`. */
export interface TuneOptions {
  /** Default: the default device. */
  device?: Device;
  /** Receives a line for each problem that was measured, and one at the end; default `console.info`. */
  log?: (line: string) => void;
}

/** What `tune()` measured. */
export interface Tuning {
  readonly shapes: readonly TunedShape[];
  readonly seconds: number;
}

/** The problems of `fn`; nothing is computed, and nothing on the host is changed. */
function problemsOf(device: Device, fn: () => unknown): SeenProblem[] {
  const session = new Session('tune', device);
  try {
    return device.variants.observe(() => {
      device.rehearse(() => {
        session.run(() => {
          tidy(() => {
            refusePromise('tune', tidy(fn));
          });
        });
        session.throwFailure();
      });
    });
  } finally {
    session.rollBack();
  }
}

const busy = new WeakSet<Device>();

/** What `tune()` does; loaded on demand. */
export async function tuneNow(
  fn?: () => unknown,
  { device = defaultDevice(), log = console.info }: TuneOptions = {},
): Promise<Tuning> {
  if (device.tuneMode === 'off') {
    log('tune: off, the default variants are used');
    return { shapes: [], seconds: 0 };
  }
  if (busy.has(device)) throw new Error('tune: this device is being tuned already');
  busy.add(device);
  try {
    const since = performance.now();
    const problems = fn ? problemsOf(device, fn) : device.variants.seen;
    const shapes = await measureVariants(
      device,
      problems.filter(({ key }) => !device.variants.isLoaded(key)),
      log,
    );
    if (shapes.length > 0) {
      const winners = Object.fromEntries(shapes.map(({ problem, winner }) => [problem, winner]));
      device.variants.load(winners);
      await storeVariantRecord(device.info, winners);
    }
    const seconds = (performance.now() - since) / 1000;
    const changed = shapes.filter(({ winner, defaultVariant }) => winner !== defaultVariant).length;
    log(`tune: ${shapes.length} shapes in ${seconds.toFixed(1)} s, ${changed} of them faster than the default variant`);
    return { shapes, seconds };
  } finally {
    busy.delete(device);
  }
}
