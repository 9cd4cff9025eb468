import { proxy, wrap, type Remote } from 'comlink';
import type { LabApi, LabEvent } from '../protocol';

/** The worker's end of the page: one worker, which may die. */
export class LabClient {
  readonly #worker = new Worker(new URL('../lab/worker.ts', import.meta.url), { type: 'module', name: 'lab' });
  readonly #api: Remote<LabApi> = wrap<LabApi>(this.#worker);
  readonly #died: Promise<never>;
  #kill: (error: Error) => void = () => undefined;

  constructor() {
    this.#died = new Promise((_, reject) => {
      this.#kill = reject;
    });
    // Whoever waits hears of it; where nobody does it is no news.
    this.#died.catch(() => undefined);
    this.#worker.addEventListener('error', (event) => {
      this.#kill(new Error(event.message || 'the worker of this page could not start'));
    });
  }

  /** What the worker answers; rejects when it dies before it does. */
  ask<T>(question: (api: Remote<LabApi>) => Promise<T>): Promise<T> {
    return Promise.race([question(this.#api), this.#died]);
  }

  open(listener: (event: LabEvent) => void): ReturnType<LabApi['open']> {
    return this.ask((api) => api.open(proxy(listener)));
  }

  /** Ends the worker with everything in it. */
  end(): void {
    this.#worker.terminate();
    this.#kill(new Error('the worker was ended'));
  }
}
