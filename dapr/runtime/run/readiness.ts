import { setTimeout as pause } from 'node:timers/promises';
import { readLog } from './log-file.ts';

/**
 * The sign that a part is ready: a line of its log that contains a text, or a URL that returns 2xx.
 */
export type Readiness = { readonly logLine: string } | { readonly url: string };

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

/**
 * Waits until the part is ready; `from` is the byte of the log at which this start begins.
 * Aborting the signal ends the wait with the signal's reason.
 */
export async function untilReady(readiness: Readiness, log: { file: string; from: number }, signal: AbortSignal): Promise<void> {
  const isReady = async () => ('url' in readiness ? answers(readiness.url) : readLog(log.file, log.from).includes(readiness.logLine));
  while (!(await isReady())) {
    signal.throwIfAborted();
    await pause(25);
  }
  signal.throwIfAborted();
}
