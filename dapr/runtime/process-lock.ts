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

/** A link is made whole or not at all, and only by one of several who try. */
function take(file: string): boolean {
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

/** Moves a dead holder's lock out of the way; should a new holder's have been taken by mistake, it is put back. */
function clearStale(file: string): void {
  const aside = `${file}.${randomUUID()}`;
  try {
    renameSync(file, aside);
    const moved = readHolder(aside);
    if (moved !== undefined && isRunning(moved)) linkSync(aside, file);
  } catch {
    // Somebody else cleared it first.
  }
  rmSync(aside, { force: true });
}

export type Lock = { release(): void };

/**
 * A lock among the processes of this machine, kept by a file that names its holder. A holder that has died holds nothing.
 * Answers the lock, or the process that holds it.
 */
export function tryLock(file: string): Lock | { readonly heldBy: number } {
  mkdirSync(dirname(file), { recursive: true });
  for (;;) {
    if (take(file)) return { release: () => rmSync(file, { force: true }) };
    const holder = readHolder(file);
    if (holder !== undefined && isRunning(holder)) return { heldBy: holder.pid };
    clearStale(file);
  }
}

/** Waits for the lock as long as it takes its holders; `onWait` is told once who is waited for. */
export async function waitForLock(file: string, onWait: (heldBy: number) => void): Promise<Lock> {
  for (let told = false; ; told = true) {
    const attempt = tryLock(file);
    if ('release' in attempt) return attempt;
    if (!told) onWait(attempt.heldBy);
    await pause(200);
  }
}
