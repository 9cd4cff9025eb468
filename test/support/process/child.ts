import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../../../', import.meta.url));

export interface Ended {
  /** Exit code; `null` when it had to be killed. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A TypeScript program (imports relative to the repository) as one file that Node can run. */
export interface Program {
  run(options?: { env?: NodeJS.ProcessEnv; args?: readonly string[]; limit?: number }): Promise<Ended>;
  remove(): Promise<void>;
}

/** Bundles `source`, with the library's sources and shaders, into a folder in which `webgpu` can be found. */
export async function program(source: string): Promise<Program> {
  const cache = `${root}node_modules/.cache`;
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(`${cache}/wgrad-test-`);
  const file = `${folder}/program.mjs`;
  await build({
    stdin: { contents: source, resolveDir: root, loader: 'ts' },
    outfile: file,
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    target: 'es2022',
    external: ['webgpu'],
    // The examples take the built library by its name.
    alias: { wgrad: `${root}src/index.ts` },
    loader: { '.wgsl': 'text' },
    logLevel: 'error',
  });
  return {
    run: ({ env = {}, args = [], limit = 30_000 } = {}) =>
      new Promise((resolve, reject) => {
        const child = spawn(process.execPath, [...args, file], {
          env: { ...process.env, WGRAD_TUNE: 'off', ...env },
          stdio: ['ignore', 'pipe', 'pipe'],
          timeout: limit,
          killSignal: 'SIGKILL',
        });
        let stdout = '';
        let stderr = '';
        child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
        child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
        child.on('error', reject);
        child.on('close', (code, signal) => {
          resolve({ code, signal, stdout, stderr });
        });
      }),
    remove: () => rm(folder, { recursive: true }),
  };
}
