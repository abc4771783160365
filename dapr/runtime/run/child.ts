import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync } from 'node:fs';
import { join } from 'node:path';
import { identify } from '../process-identity.ts';
import { lastLines, openLog } from './log-file.ts';
import { type Readiness, untilReady } from './readiness.ts';
import { forget, watch } from './reaper-client.ts';
import { eraseRunRecord, writeRunRecord } from './run-record.ts';

export type UnexpectedExit = { readonly part: string; readonly how: string; readonly lastLines: string };

export type ChildOptions = {
  readonly name: string;
  readonly command: string;
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Its working directory; its log is `log/<name>.log` in it. */
  readonly dataDir: string;
  readonly readiness: Readiness;
  readonly readyWithinSeconds?: number;
  /** The signal for an orderly end. */
  readonly stopSignal?: NodeJS.Signals;
  readonly stopWithinSeconds?: number;
  readonly onUnexpectedExit?: ((exit: UnexpectedExit) => void) | undefined;
  /** Aborted when the start as a whole has failed: then it is stopped and not waited for. */
  readonly abandoned?: AbortSignal | undefined;
};

/** Options that apply to every part of a run. */
export type Supervision = Pick<ChildOptions, 'onUnexpectedExit' | 'abandoned'>;

export const supervisionOf = ({ onUnexpectedExit, abandoned }: Supervision): Supervision => ({ onUnexpectedExit, abandoned });

const describeExit = (child: ChildProcess) =>
  child.signalCode === null ? `ended with exit code ${child.exitCode}` : `was ended by ${child.signalCode}`;

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** One process of a run. Its ports and data stay the same when it is restarted. */
export class Child {
  readonly name: string;
  readonly logFile: string;
  readonly #options: ChildOptions;
  #environment: Readonly<Record<string, string>>;
  #process: ChildProcess | undefined;
  #isEndExpected = false;

  private constructor(options: ChildOptions) {
    this.name = options.name;
    this.logFile = join(options.dataDir, 'log', `${options.name}.log`);
    this.#options = options;
    this.#environment = options.environment;
  }

  /**
   * Starts a part and resolves when it is ready. Throws with its last log lines when it ends first
   * or takes too long.
   */
  static async start(options: ChildOptions): Promise<Child> {
    const child = new Child(options);
    await child.#start();
    return child;
  }

  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  get isRunning(): boolean {
    return this.#process !== undefined && this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /** Resolves when it has ended, for whatever reason. */
  async ended(): Promise<void> {
    if (this.#process !== undefined && this.isRunning) await once(this.#process, 'exit');
  }

  /** Sends a signal and does not wait: SIGSTOP, SIGCONT. */
  signal(signal: NodeJS.Signals): void {
    send(this.pid, signal);
  }

  /** Sends a signal that ends it, SIGKILL by default, and resolves when it has ended. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    this.#isEndExpected = true;
    if (!this.isRunning) return;
    const gone = this.ended();
    send(signal === 'SIGKILL' ? -this.pid : this.pid, signal);
    await gone;
  }

  /** Ends it in an orderly way, with SIGKILL after its time limit. A repeat changes nothing. */
  async stop(): Promise<void> {
    const deadline = setTimeout(() => void this.kill(), (this.#options.stopWithinSeconds ?? 10) * 1000);
    await this.kill(this.#options.stopSignal ?? 'SIGTERM');
    clearTimeout(deadline);
  }

  /**
   * Starts it again, after an orderly end if it still runs, and resolves when it is ready.
   * `environment` overrides its variables.
   */
  async restart(environment: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.stop();
    this.#environment = { ...this.#environment, ...environment };
    await this.#start();
  }

  async #start(): Promise<void> {
    this.#options.abandoned?.throwIfAborted();
    const log = openLog(this.logFile);
    const child = spawn(this.#options.command, this.#options.arguments, {
      // In its own session: Ctrl-C reaches only the supervisor, which then ends the parts in order.
      detached: true,
      stdio: ['ignore', log.descriptor, log.descriptor],
      env: { ...this.#environment },
      cwd: this.#options.dataDir,
    });
    closeSync(log.descriptor);
    await once(child, 'spawn');
    this.#process = child;
    this.#isEndExpected = false;
    this.#register();
    await this.#untilReady(child, log.from);
  }

  #register(): void {
    const identity = identify(this.pid);
    watch(identity, this.#options.stopSignal ?? 'SIGTERM');
    writeRunRecord(this.#options.dataDir, this.name, identity);
    this.#process?.once('exit', () => {
      forget(identity.pid);
      eraseRunRecord(this.#options.dataDir, this.name);
    });
  }

  async #untilReady(child: ChildProcess, logFrom: number): Promise<void> {
    const said = () => lastLines(this.logFile, logFrom);
    const waiting = new AbortController();
    const giveUp = (why: string) => waiting.abort(new Error(`${this.name} ${why}:\n${said()}`));
    const signal = AbortSignal.any([waiting.signal, ...(this.#options.abandoned ? [this.#options.abandoned] : [])]);
    const endsEarly = () => giveUp(`${describeExit(child)} before it was ready`);
    const seconds = this.#options.readyWithinSeconds ?? 60;
    const timer = setTimeout(() => giveUp(`was not ready within ${seconds} s`), seconds * 1000);
    child.once('exit', endsEarly);
    try {
      await untilReady(this.#options.readiness, { file: this.logFile, from: logFrom }, signal);
    } catch (error) {
      await this.kill();
      throw error;
    } finally {
      clearTimeout(timer);
      child.off('exit', endsEarly);
    }
    const report = () => this.#options.onUnexpectedExit?.({ part: this.name, how: describeExit(child), lastLines: said() });
    child.once('exit', () => this.#isEndExpected || report());
  }
}
