import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { isRunning, type ProcessIdentity } from '../process-identity.ts';

const file = (dataDir: string, name: string) => join(dataDir, 'run', `${name}.json`);

/**
 * Records on disk which process runs a part on this data, for the next supervisor in case this one
 * is killed.
 */
export function writeRunRecord(dataDir: string, name: string, identity: ProcessIdentity): void {
  mkdirSync(join(dataDir, 'run'), { recursive: true });
  writeFileSync(file(dataDir, name), JSON.stringify(identity));
}

export function eraseRunRecord(dataDir: string, name: string): void {
  rmSync(file(dataDir, name), { force: true });
}

/** Reads a record; an incomplete one names no process. */
function readRunRecord(path: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/** The processes that were started on this data and whose end was not recorded. */
export function readRunRecords(dataDir: string): ProcessIdentity[] {
  const folder = join(dataDir, 'run');
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return files.flatMap((name) => readRunRecord(join(folder, name)) ?? []);
}

/**
 * Waits until the processes of a killed supervisor have ended, and kills them after 10 s: two
 * processes on one data folder would ruin it.
 */
export async function awaitPredecessors(dataDir: string): Promise<void> {
  mkdirSync(join(dataDir, 'run'), { recursive: true });
  const predecessors = readRunRecords(dataDir);
  const deadline = Date.now() + 10_000;
  while (predecessors.some(isRunning)) {
    if (Date.now() > deadline) for (const { pid } of predecessors.filter(isRunning)) process.kill(pid, 'SIGKILL');
    await pause(50);
  }
}
