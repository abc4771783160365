import { randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { identify, isRunning, type ProcessIdentity } from './process-identity.ts';

function readHolder(file: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Creates the lock file. Creating a link is atomic, and only one of several processes succeeds. */
function create(file: string): boolean {
  const own = `${file}.${randomUUID()}`;
  writeFileSync(own, JSON.stringify(identify(process.pid)));
  try {
    linkSync(own, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  } finally {
    rmSync(own, { force: true });
  }
}

/**
 * Removes the lock of a dead holder. Where a new holder's lock was moved by mistake, it is put
 * back.
 */
function clearStale(file: string): void {
  const aside = `${file}.${randomUUID()}`;
  try {
    renameSync(file, aside);
    const moved = readHolder(aside);
    if (moved !== undefined && isRunning(moved)) linkSync(aside, file);
  } catch {
    // Another process removed it first.
  }
  rmSync(aside, { force: true });
}

export type Lock = { release(): void };

/**
 * A lock among the processes of this machine: a file that names its holder. The lock of a process
 * that has died is free. Returns the lock, or the process that holds it.
 */
export function tryLock(file: string): Lock | { readonly heldBy: number } {
  mkdirSync(dirname(file), { recursive: true });
  for (;;) {
    if (create(file)) return { release: () => rmSync(file, { force: true }) };
    const holder = readHolder(file);
    if (holder !== undefined && isRunning(holder)) return { heldBy: holder.pid };
    clearStale(file);
  }
}

/**
 * Waits for the lock without a time limit. `onWait` is called once, with the process that holds it.
 */
export async function waitForLock(file: string, onWait: (heldBy: number) => void): Promise<Lock> {
  for (let isWaiting = false; ; isWaiting = true) {
    const attempt = tryLock(file);
    if ('release' in attempt) return attempt;
    if (!isWaiting) onWait(attempt.heldBy);
    await pause(200);
  }
}
