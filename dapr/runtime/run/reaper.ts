// Ends the processes of a supervisor that was killed. Its standard input has one JSON line for each
// process to watch and for each that has ended. The end of the input means that the supervisor has
// ended, for whatever reason.
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { isRunning, type ProcessIdentity } from '../process-identity.ts';

const graceMilliseconds = 8_000;
const watched = new Map<number, { identity: ProcessIdentity; stopSignal: NodeJS.Signals }>();

/** Sends a signal to a process, or to a process group if the number is negative. */
function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // The process has already ended.
  }
}

const running = () => [...watched.values()].filter(({ identity }) => isRunning(identity));

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

for await (const line of createInterface({ input: process.stdin })) {
  const message = JSON.parse(line);
  if (message.watch) watched.set(message.watch.pid, { identity: message.watch, stopSignal: message.stopSignal });
  else watched.delete(message.forget);
}

for (const { identity, stopSignal } of running()) send(identity.pid, stopSignal);
const deadline = Date.now() + graceMilliseconds;
while (running().length > 0 && Date.now() < deadline) await pause(50);
for (const { identity } of running()) for (const target of [identity.pid, -identity.pid]) send(target, 'SIGKILL');
