import type { BufferPool } from '../runtime/memory/buffer-pool';
import type { Storage } from '../runtime/memory/storage';
import { storagesOf, type Command, type DispatchCommand } from '../runtime/stream/commands';
import { CaptureError } from '../tensor/errors';
import type { Params } from '../wgsl/params';
import type { Result } from './results';

const nameOf = (command: Command): string => {
  if (command.kind === 'dispatch') return command.op;
  return command.kind === 'copy' ? 'copyFrom' : 'write';
};

const sameNumbers = (a: ArrayLike<number>, b: ArrayLike<number>): boolean =>
  a.length === b.length && Array.prototype.every.call(a, (value, i) => Object.is(value, b[i]));

const asNumbers = (value: number | readonly number[]): readonly number[] =>
  typeof value === 'number' ? [value] : value;

/** The first of `params` that differs from `recorded`, in words; `null` where none does. */
function changedParam(recorded: Params, params: Params): string | null {
  for (const [name, value] of Object.entries(params)) {
    const before = recorded[name];
    if (!sameNumbers(asNumbers(before), asNumbers(value)))
      return `${name} was ${String(before)} and is ${String(value)}`;
  }
  return null;
}

const places = (command: Command): readonly number[] => {
  if (command.kind === 'dispatch')
    return [...command.workgroups, ...command.views.flatMap(({ offset, size }) => [offset, size])];
  if (command.kind === 'copy') return [command.fromOffset, command.toOffset, command.bytes];
  return [command.offset, command.data.length];
};

/** Compares what a function does, command by command, with what was recorded; throws `CaptureError` at the first difference. */
export class Comparison {
  readonly #recorded: readonly Command[];
  readonly #pools: ReadonlySet<unknown>;
  #at = 0;
  /** Memory that the function made: now by then, and the other way round. */
  readonly #partners = new Map<Storage, Storage>();
  readonly #changing: DispatchCommand[] = [];

  /** `pools`: where the function now takes its memory from. */
  constructor(recorded: readonly Command[], pools: readonly BufferPool[]) {
    this.#recorded = recorded;
    this.#pools = new Set(pools);
  }

  #fail(what: string): never {
    throw new CaptureError(
      `capture: the function does other work than was recorded: ${what}. A replay repeats numbers, branches and tensors of the ` +
        'recorded call: pass what changes as an input tensor, or write it into a tensor outside',
    );
  }

  /** Whether `now` is what `recorded` was. */
  same(recorded: Storage, now: Storage): boolean {
    if (!this.#pools.has(now.pool)) return now === recorded;
    const [forth, back] = [this.#partners.get(now), this.#partners.get(recorded)];
    if (!forth && !back) {
      this.#partners.set(now, recorded);
      this.#partners.set(recorded, now);
      return true;
    }
    return forth === recorded && back === now;
  }

  take(command: Command): void {
    if (this.#at === this.#recorded.length) this.#fail(`${nameOf(command)} was not part of it`);
    const recorded = this.#recorded[this.#at++];
    const name = nameOf(command);
    if (name !== nameOf(recorded)) this.#fail(`${name} in place of ${nameOf(recorded)}`);
    if (command.kind === 'dispatch' && recorded.kind === 'dispatch') {
      if (command.pipeline !== recorded.pipeline) this.#fail(`${name} with another kernel`);
      if (command.refresh) this.#changing.push(command);
      else {
        const changed = changedParam(recorded.params, command.params);
        if (changed) this.#fail(`${name}: ${changed}`);
      }
    }
    if (!sameNumbers(places(command), places(recorded))) this.#fail(`${name} with other sizes or places`);
    const then = storagesOf(recorded);
    if (!storagesOf(command).every((storage, i) => this.same(then[i], storage)))
      this.#fail(`${name} with other tensors, perhaps one that an earlier call made`);
    if (command.kind === 'write' && recorded.kind === 'write' && !sameNumbers(command.data, recorded.data))
      this.#fail(`${name} of other numbers, made on the host`);
  }

  /** The function has ended; it returned `result` where `recorded` was returned. */
  end(recorded: Result, result: Result): void {
    if (this.#at < this.#recorded.length) this.#fail(`${nameOf(this.#recorded[this.#at])} is missing`);
    const differing = this.#differing(recorded, result, 'its result');
    if (differing) this.#fail(differing);
  }

  #differing(then: Result, now: Result, path: string): string | null {
    const other = `${path} is another one`;
    if (then.kind === 'made' && now.kind === 'made')
      return this.same(then.made.view.storage, now.made.view.storage) ? null : other;
    if (then.kind === 'array' && now.kind === 'array') {
      if (then.items.length !== now.items.length) return `${path} has another length`;
      return then.items.map((item, i) => this.#differing(item, now.items[i], `${path}[${i}]`)).find(Boolean) ?? null;
    }
    if (then.kind === 'object' && now.kind === 'object') {
      if (then.entries.map(([key]) => key).join() !== now.entries.map(([key]) => key).join())
        return `${path} has other keys`;
      const parts = then.entries.map(([key, item], i) => this.#differing(item, now.entries[i][1], `${path}.${key}`));
      return parts.find(Boolean) ?? null;
    }
    if (then.kind === 'value' && now.kind === 'value') {
      const primitive = (value: unknown): boolean => typeof value !== 'object' && typeof value !== 'function';
      if (!primitive(then.value) && !primitive(now.value)) return null;
      return Object.is(then.value, now.value)
        ? null
        : `${path} was ${String(then.value)} and is ${String(now.value)}, a value of the host`;
    }
    const place = ({ kind, ...rest }: Result): unknown => [kind, ...Object.values(rest)];
    return sameItems(place(then), place(now)) ? null : other;
  }

  /** `params` are those that the recorded commands take for this run, where they change. */
  checkChanging(params: readonly Params[]): void {
    this.#changing.forEach((command, i) => {
      const changed = changedParam(params[i], command.params);
      if (changed) this.#fail(`${command.op}: ${changed}`);
    });
  }
}

const sameItems = (a: unknown, b: unknown): boolean =>
  Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, i) => Object.is(item, b[i]));
