/** Where a training run waits while it is paused. */
export class Gate {
  #closed: Promise<void> | null = null;
  #release = (): void => undefined;

  get closed(): boolean {
    return this.#closed !== null;
  }

  close(): void {
    this.#closed ??= new Promise((resolve) => {
      this.#release = resolve;
    });
  }

  open(): void {
    this.#closed = null;
    this.#release();
  }

  /** Waits while it is closed. */
  async passed(): Promise<void> {
    await this.#closed;
  }
}
