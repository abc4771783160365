import { readFileSync } from 'node:fs';

/** A process by its number and start time: a later process may get the same number. */
export type ProcessIdentity = { readonly pid: number; readonly startedAt: string };

/**
 * The fields of /proc/PID/stat after the name, which is in brackets and may contain spaces; empty
 * where there is no /proc.
 */
function statusFields(pid: number): readonly string[] {
  try {
    const status = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return status.slice(status.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}

/**
 * The start of the process in clock ticks since boot; empty where the system does not provide it.
 */
const startTime = (pid: number): string => statusFields(pid)[19] ?? '';

/** A process that has ended but whose parent has not collected it yet counts as gone. */
function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return !['Z', 'X'].includes(statusFields(pid)[0] ?? '');
}

export const identify = (pid: number): ProcessIdentity => ({ pid, startedAt: startTime(pid) });

/** True while this very process runs. */
export const isRunning = ({ pid, startedAt }: ProcessIdentity): boolean => exists(pid) && startTime(pid) === startedAt;
