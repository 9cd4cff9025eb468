import type { Device } from '../../src/runtime/device';
import type { Command } from '../../src/runtime/stream';

/** Runs `fn` and returns a function that sends the same GPU work again, as a captured step does: only uniforms are made anew. */
export function record(device: Device, fn: () => void): () => void {
  const { stream } = device;
  const commands: Command[] = [];
  const push = stream.push.bind(stream);
  stream.push = (command) => {
    commands.push(command);
    push(command);
  };
  try {
    fn();
  } finally {
    stream.push = push;
  }
  return () => {
    for (const command of commands) {
      push(command.kind === 'dispatch' && command.refresh ? { ...command, params: command.refresh() } : command);
    }
  };
}
