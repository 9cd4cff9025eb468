import { SingleBar } from 'cli-progress';
import type { train } from 'wgrad';

/** `83` seconds as `1:23`. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

export const percent = (share: number): string => `${(100 * share).toFixed(2)}%`;

/** A live line for the epoch at hand; where the output is no terminal, a line now and then. */
export class ProgressLine {
  readonly #bar: SingleBar;
  #epoch = -1;

  constructor(readonly epochs: number) {
    this.#bar = new SingleBar({
      format:
        'epoch {epoch} {bar} {value}/{total} | {speed} images/s | loss {loss} | accuracy {accuracy} | {left} left',
      barCompleteChar: '█',
      barIncompleteChar: '░',
      barsize: 20,
      hideCursor: true,
      clearOnComplete: true,
      noTTYOutput: true,
      notTTYSchedule: 20_000,
    });
  }

  update({ epoch, batch, batches, loss, accuracy, inputsPerSecond, secondsLeft }: train.Progress): void {
    const payload = {
      epoch: `${epoch + 1}/${this.epochs}`,
      speed: inputsPerSecond.toFixed(0),
      loss: loss.toFixed(4),
      accuracy: percent(accuracy),
      left: clock(secondsLeft),
    };
    if (epoch !== this.#epoch) this.#bar.start(batches, batch, payload);
    else this.#bar.update(batch, payload);
    this.#epoch = epoch;
  }

  /** Clears the line: the epoch is over. */
  clear(): void {
    this.#bar.stop();
  }
}
