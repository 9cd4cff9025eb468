import { Hooks, type HookHandle } from '../tensor/hooks';

/** A forward hook as the list of a module has it. */
export type AnyHook = (module: never, inputs: never, output: never) => unknown;
type Forward = (...inputs: readonly unknown[]) => unknown;

const OP = 'registerForwardHook';

/** The forward hooks of one module. While there are any, its `forward` is another one, which calls them. */
export class ForwardHooks extends Hooks<AnyHook> {
  readonly #module: object;
  /** The module's own property `forward`, where it had one. */
  #before: PropertyDescriptor | undefined;

  constructor(module: object) {
    super(OP);
    this.#module = module;
  }

  override add(hook: AnyHook): HookHandle {
    const first = this.isEmpty();
    const { remove } = super.add(hook);
    if (first) this.#replace();
    return {
      remove: () => {
        if (this.isEmpty()) return;
        remove();
        if (this.isEmpty()) this.#restore();
      },
    };
  }

  #replace(): void {
    const module = this.#module;
    this.#before = Object.getOwnPropertyDescriptor(module, 'forward');
    const forward = Reflect.get(module, 'forward') as Forward;
    const value: Forward = (...inputs) =>
      this.apply(forward.apply(module, inputs as unknown[]), (hook, output) =>
        hook(module as never, inputs as never, output as never),
      );
    // Not enumerable: it is no field of the module.
    Object.defineProperty(module, 'forward', { value, configurable: true, writable: true });
  }

  #restore(): void {
    if (this.#before) Object.defineProperty(this.#module, 'forward', this.#before);
    else Reflect.deleteProperty(this.#module, 'forward');
  }
}
