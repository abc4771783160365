import { spawn } from 'node:child_process';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { ProcessIdentity } from '../process-identity.ts';

let input: Writable | undefined;

/**
 * The reaper of this process, in its own session so that Ctrl-C does not reach it. It does not keep
 * this process running.
 */
function reaper(): Writable {
  if (input !== undefined) return input;
  const child = spawn(process.execPath, [fileURLToPath(new URL('reaper.ts', import.meta.url))], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    cwd: '/',
  });
  child.unref();
  child.stdin.on('error', () => {
    input = undefined;
  });
  (child.stdin as Writable & { unref(): void }).unref();
  input = child.stdin;
  return input;
}

/** Makes the reaper end the process within seconds once this process has ended, even by SIGKILL. */
export function watch(identity: ProcessIdentity, stopSignal: NodeJS.Signals): void {
  reaper().write(`${JSON.stringify({ watch: identity, stopSignal })}\n`);
}

export function forget(pid: number): void {
  input?.write(`${JSON.stringify({ forget: pid })}\n`);
}
