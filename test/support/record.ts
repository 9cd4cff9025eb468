import type { Device } from '../../src/runtime/device';
import type { Command } from '../../src/runtime/stream/commands';

/** Runs `fn` and returns the GPU work that it asks for, which is carried out as well. */
export function commandsOf(device: Device, fn: () => void): Command[] {
  const commands: Command[] = [];
  device.stream.record((command) => commands.push(command), fn);
  for (const command of commands) device.stream.push(command);
  return commands;
}

/** Runs `fn` and returns a function that sends the same GPU work again, as a captured step does: only uniforms are made anew. */
export function record(device: Device, fn: () => void): () => void {
  const commands = commandsOf(device, fn);
  return () => {
    for (const command of commands) {
      const again =
        command.kind === 'dispatch' && command.refresh ? { ...command, params: command.refresh() } : command;
      device.stream.push(again);
    }
  };
}
