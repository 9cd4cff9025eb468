import type { Device } from '../../src/runtime/device';

/** Runs `fn` and returns a function that sends the same GPU work again, as a captured step does: only uniforms are made anew. */
export function record(device: Device, fn: () => void): () => void {
  const commands = device.stream.record(fn);
  return () => {
    for (const command of commands) {
      const again =
        command.kind === 'dispatch' && command.refresh ? { ...command, params: command.refresh() } : command;
      device.stream.push(again);
    }
  };
}
