import { SingleBar } from 'cli-progress';
import type { train } from 'wgrad';

/** `83` seconds as `1:23`. */
export function clock(seconds: number): string {
  const rounded = Math.max(0, Math.round(seconds));
  return `${Math.floor(rounded / 60)}:${String(rounded % 60).padStart(2, '0')}`;
}

export const percent = (fraction: number): string => `${(100 * fraction).toFixed(2)}%`;

const FORMAT =
  'epoch {epoch} {bar} {value}/{total} | {speed} images/s | loss {loss} | accuracy {accuracy} | {left} left';
/** Milliseconds between two lines when the output is not a terminal. */
const QUIET = 20_000;

/** A live line for the current epoch; when the output is not a terminal, a line now and then. */
export class ProgressLine {
  readonly #bar: SingleBar | null;
  #epoch = -1;
  #printed = performance.now();

  constructor(readonly epochs: number) {
    const look = { barCompleteChar: '█', barIncompleteChar: '░', barsize: 20, hideCursor: true, clearOnComplete: true };
    this.#bar = process.stdout.isTTY ? new SingleBar({ format: FORMAT, stream: process.stdout, ...look }) : null;
  }

  update({ epoch, batch, batches, loss, accuracy, inputsPerSecond, secondsLeft }: train.Progress): void {
    const fields = {
      epoch: `${epoch + 1}/${this.epochs}`,
      speed: inputsPerSecond.toFixed(0),
      loss: loss.toFixed(4),
      accuracy: percent(accuracy),
      left: clock(secondsLeft),
    };
    if (this.#bar) {
      if (epoch !== this.#epoch) this.#bar.start(batches, batch, fields);
      else this.#bar.update(batch, fields);
    } else if (performance.now() - this.#printed > QUIET) {
      this.#printed = performance.now();
      const values = { ...fields, value: batch, total: batches };
      console.log(
        FORMAT.replace(' {bar}', '').replace(/\{(\w+)\}/g, (_, name: keyof typeof values) => String(values[name])),
      );
    }
    this.#epoch = epoch;
  }

  /** Clears the line: the epoch is over. */
  clear(): void {
    this.#bar?.stop();
  }
}
