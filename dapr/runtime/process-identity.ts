import { readFileSync } from 'node:fs';

/** A process by number and start time, so that one to which the system has given the same number since is not taken for it. */
export type ProcessIdentity = { readonly pid: number; readonly startedAt: string };

/** What /proc says of the process after its name, which stands in brackets and may hold spaces; empty where there is no /proc. */
function statusFields(pid: number): readonly string[] {
  try {
    const status = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return status.slice(status.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}

/** When the process started, in clock ticks since boot; empty where the system does not say. */
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

/** Whether that very process still runs. */
export const isRunning = ({ pid, startedAt }: ProcessIdentity): boolean => exists(pid) && startTime(pid) === startedAt;
