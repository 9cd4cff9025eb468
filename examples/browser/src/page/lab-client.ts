import { proxy, wrap, type Remote } from 'comlink';
import type { LabApi, LabEvent } from '../protocol';

/** The page's end of the worker, which may die. */
export class LabClient {
  readonly #worker = new Worker(new URL('../lab/worker.ts', import.meta.url), { type: 'module', name: 'lab' });
  readonly #api: Remote<LabApi> = wrap<LabApi>(this.#worker);
  readonly #died: Promise<never>;
  #kill: (error: Error) => void = () => undefined;

  constructor() {
    this.#died = new Promise((_, reject) => {
      this.#kill = reject;
    });
    // Whoever waits is told; if nobody waits, nobody needs to know.
    this.#died.catch(() => undefined);
    this.#worker.addEventListener('error', (event) => {
      this.#kill(new Error(event.message || 'the worker of this page could not start'));
    });
  }

  /** The worker's answer; rejects when the worker dies first. */
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
