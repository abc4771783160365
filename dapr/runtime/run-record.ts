import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { isRunning, type ProcessIdentity } from './process-identity.js';

const file = (dataDir: string, name: string) => join(dataDir, 'run', `${name}.json`);

/** Remembers on disk which process runs the part on this data, for the next supervisor should this one be killed. */
export function writeRunRecord(dataDir: string, name: string, identity: ProcessIdentity): void {
  mkdirSync(join(dataDir, 'run'), { recursive: true });
  writeFileSync(file(dataDir, name), JSON.stringify(identity));
}

export function eraseRunRecord(dataDir: string, name: string): void {
  rmSync(file(dataDir, name), { force: true });
}

function readRunRecord(dataDir: string, name: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(file(dataDir, name), 'utf8'));
  } catch {
    return undefined;
  }
}

/** Two processes on one data folder ruin it: whoever a killed supervisor left behind must be gone, at the latest by SIGKILL after 10 s. */
export async function awaitPredecessor(dataDir: string, name: string): Promise<void> {
  const predecessor = readRunRecord(dataDir, name);
  if (predecessor === undefined) return;
  const deadline = Date.now() + 10_000;
  while (isRunning(predecessor)) {
    if (Date.now() > deadline) process.kill(predecessor.pid, 'SIGKILL');
    await pause(50);
  }
}
