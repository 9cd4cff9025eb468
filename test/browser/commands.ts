import { program } from '../support/process/child.ts';
import type { Training } from './training';

declare module 'vitest/browser' {
  interface BrowserCommands {
    trainInNode(): Promise<Training>;
  }
}

/** Runs training.ts in Node, on the driver that Chromium has built in. */
export async function trainInNode(): Promise<Training> {
  const node = await program(
    `import { train } from './test/browser/training'; console.log(JSON.stringify(await train()));`,
  );
  try {
    const env = { WGRAD_ADAPTER: 'swiftshader' };
    const { code, stdout, stderr } = await node.run({
      env,
      args: ['scripts/setup.mjs', 'run', 'node'],
      limit: 300_000,
    });
    if (code !== 0) throw new Error(`training in Node: exit code ${String(code)}\n${stderr}`);
    return JSON.parse(stdout) as Training;
  } finally {
    await node.remove();
  }
}
