import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { say } from './console.mjs';
import { onExit } from './exec.mjs';

/** Nothing that setup does takes this long: an older lock was left by a process whose id is in use again. */
const STALE_AFTER_MS = 30 * 60_000;

/** Does `work` while no other setup does the work that `file` names. */
export async function withLock(file, work) {
  for (let waited = 0; !take(file); waited++) {
    if (waited === 0) say('another wgrad setup is doing the same work; waiting for it ...');
    await sleep(200);
  }
  const release = () => rmSync(file, { force: true });
  const forget = onExit(release);
  try {
    return await work();
  } finally {
    forget();
    release();
  }
}

function take(file) {
  for (;;) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      return true;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    try {
      if (isHeld(file)) return false;
      rmSync(file, { force: true }); // its owner has ended
    } catch (error) {
      if (error.code !== 'ENOENT') throw error; // released between the two looks
    }
  }
}

function isHeld(file) {
  if (Date.now() - statSync(file).mtimeMs > STALE_AFTER_MS) return false;
  const holder = Number(readFileSync(file, 'utf8'));
  if (!holder) return true; // its owner is about to write its id
  try {
    process.kill(holder, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM'; // alive, but another user's
  }
}
