import { spawn } from 'node:child_process';
import { constants } from 'node:os';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const cleanups = new Set();

process.on('exit', () => {
  for (const cleanup of cleanups) cleanup();
});

/** Exit status of a shell for a process that died of `signal`. */
const signalStatus = (signal) => 128 + constants.signals[signal];

const exitOn = (signal) => process.exit(signalStatus(signal));
for (const signal of SIGNALS) process.on(signal, exitOn);

/** Registers work to do when setup ends early, for any reason; returns a function that cancels it. */
export function onExit(cleanup) {
  cleanups.add(cleanup);
  return () => cleanups.delete(cleanup);
}

/**
 * Runs a program and resolves to `{ status, stdout, stderr }`, never rejecting: a program that could not
 * be started has the status 127, one that ran past `timeout` ms has 124.
 */
export function capture(file, args, { timeout = 0, ...options } = {}) {
  return new Promise((resolve) => {
    const result = { status: 0, stdout: '', stderr: '' };
    const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    const forget = onExit(() => child.kill());
    const timer = timeout
      ? setTimeout(() => {
          result.status = 124;
          child.kill('SIGKILL');
        }, timeout)
      : undefined;
    const finish = (status) => {
      clearTimeout(timer);
      forget();
      resolve({ ...result, status: result.status || status });
    };
    child.stdout?.setEncoding('utf8').on('data', (text) => (result.stdout += text));
    child.stderr?.setEncoding('utf8').on('data', (text) => (result.stderr += text));
    child.on('error', (error) => {
      result.stderr += error.message;
      finish(127);
    });
    child.on('close', (status, signal) => finish(signal ? signalStatus(signal) : status));
  });
}

/** What Dawn prints for its own developers each time it opens an adapter. */
const CHATTER = /^Warning: max\w+ artificially reduced .*\r?\n/gm;

/** Runs the user's command on this terminal, hands signals on to it, and resolves to its exit status. */
export function runToEnd(file, args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: ['inherit', 'inherit', 'pipe'], ...options });
    child.stderr.setEncoding('utf8').on('data', (text) => process.stderr.write(text.replace(CHATTER, '')));
    for (const signal of SIGNALS) {
      process.off(signal, exitOn);
      // A terminal sends Ctrl-C to the child too; a second one would make vitest skip its orderly end.
      const alreadySent = signal === 'SIGINT' && process.stdin.isTTY;
      process.on(signal, () => alreadySent || child.kill(signal));
    }
    child.on('error', reject);
    child.on('close', (status, signal) => resolve(signal ? signalStatus(signal) : status));
  });
}
