// Ends what a supervisor started when the supervisor itself was killed. It is told on its standard input, one JSON line
// each, which processes to watch and which have ended; end of input means that the supervisor is gone, however it went.
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { isRunning, type ProcessIdentity } from '../process-identity.ts';

const graceMilliseconds = 8_000;
const watched = new Map<number, { identity: ProcessIdentity; stopSignal: NodeJS.Signals }>();

/** A negative number names a process group. */
function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended by itself.
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
