import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync } from 'node:fs';
import { join } from 'node:path';
import { lastLines, openLog } from './log-file.ts';
import { identify } from './process-identity.js';
import { type Readiness, untilReady } from './readiness.ts';
import { forget, watch } from './reaper-client.ts';
import { awaitPredecessor, eraseRunRecord, writeRunRecord } from './run-record.ts';

export type UnexpectedExit = { readonly part: string; readonly how: string; readonly lastLines: string };

export type ChildOptions = {
  readonly name: string;
  readonly command: string;
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Its log goes to `log/<name>.log` in here; also where it runs. */
  readonly dataDirectory: string;
  readonly readiness: Readiness;
  readonly readyWithinSeconds?: number;
  /** The signal that asks for an orderly end. */
  readonly stopSignal?: NodeJS.Signals;
  readonly stopWithinSeconds?: number;
  readonly onUnexpectedExit?: ((exit: UnexpectedExit) => void) | undefined;
};

/** One part of the running set. Ports and data stay the same over a restart. */
export type Child = {
  readonly name: string;
  readonly logFile: string;
  pid(): number;
  isRunning(): boolean;
  /** Sends a signal and does not wait: SIGSTOP, SIGCONT. */
  signal(signal: NodeJS.Signals): void;
  /** Sends a signal that ends it, SIGKILL unless told otherwise, and resolves when it is gone. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again, in an orderly way if it still runs; resolves when it is ready. */
  restart(): Promise<void>;
  /** An orderly end; SIGKILL when the part takes longer than it may. Repeating it changes nothing. */
  stop(): Promise<void>;
};

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

const describeExit = (child: ChildProcess) =>
  child.signalCode === null ? `ended with exit code ${child.exitCode}` : `was ended by ${child.signalCode}`;

/** Starts a part and resolves when it is ready. Throws with its last log lines when it ends first or takes too long. */
export async function startChild(options: ChildOptions): Promise<Child> {
  const logFile = join(options.dataDirectory, 'log', `${options.name}.log`);
  const stopSignal = options.stopSignal ?? 'SIGTERM';
  let current: ChildProcess | undefined;
  let expected = false;

  const pid = () => current?.pid ?? 0;
  const isRunning = () => current !== undefined && current.exitCode === null && current.signalCode === null;

  async function launch(): Promise<{ child: ChildProcess; logFrom: number }> {
    const log = openLog(logFile);
    const child = spawn(options.command, options.arguments, {
      // A session of its own: a Ctrl-C in the terminal reaches the supervisor alone, which then ends the parts in order.
      detached: true,
      stdio: ['ignore', log.descriptor, log.descriptor],
      env: { ...options.environment },
      cwd: options.dataDirectory,
    });
    closeSync(log.descriptor);
    await once(child, 'spawn');
    return { child, logFrom: log.from };
  }

  async function start(): Promise<void> {
    await awaitPredecessor(options.dataDirectory, options.name);
    const { child, logFrom } = await launch();
    current = child;
    expected = false;
    const identity = identify(pid());
    watch(identity, stopSignal);
    writeRunRecord(options.dataDirectory, options.name, identity);
    const waiting = new AbortController();
    const giveUp = (why: string) => waiting.abort(new Error(`${options.name} ${why}:\n${lastLines(logFile, logFrom)}`));
    let ready = false;
    child.once('exit', () => {
      forget(identity.pid);
      eraseRunRecord(options.dataDirectory, options.name);
      giveUp(`${describeExit(child)} before it was ready`);
      if (ready && !expected)
        options.onUnexpectedExit?.({ part: options.name, how: describeExit(child), lastLines: lastLines(logFile, logFrom) });
    });
    const seconds = options.readyWithinSeconds ?? 60;
    const timer = setTimeout(() => giveUp(`was not ready within ${seconds} s`), seconds * 1000);
    try {
      await untilReady(options.readiness, { file: logFile, from: logFrom }, waiting.signal);
      ready = true;
    } catch (error) {
      await kill();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  async function kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    expected = true;
    if (current === undefined || !isRunning()) return;
    const gone = once(current, 'exit');
    send(signal === 'SIGKILL' ? -pid() : pid(), signal);
    await gone;
  }

  async function stop(): Promise<void> {
    const deadline = setTimeout(() => void kill(), (options.stopWithinSeconds ?? 10) * 1000);
    await kill(stopSignal);
    clearTimeout(deadline);
  }

  async function restart(): Promise<void> {
    await stop();
    await start();
  }

  await start();
  return { name: options.name, logFile, pid, isRunning, signal: (signal) => send(pid(), signal), kill, restart, stop };
}
