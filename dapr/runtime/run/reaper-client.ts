import { spawn } from 'node:child_process';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { ProcessIdentity } from '../process-identity.ts';

let input: Writable | undefined;

/** One reaper a supervisor, in a session of its own so that no Ctrl-C reaches it, and never a reason for us to keep running. */
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

/** From now on the process is ended within seconds of our own death, even by SIGKILL. */
export function watch(identity: ProcessIdentity, stopSignal: NodeJS.Signals): void {
  reaper().write(`${JSON.stringify({ watch: identity, stopSignal })}\n`);
}

export function forget(pid: number): void {
  input?.write(`${JSON.stringify({ forget: pid })}\n`);
}
