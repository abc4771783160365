import { readFileSync } from 'node:fs';

/**
 * A process by number and start time, so that a number the system has given to another process since is not taken for it.
 * @typedef {{ pid: number, startedAt: string }} ProcessIdentity
 */

/**
 * When the process started, in clock ticks since boot; empty where the system has no /proc.
 * @param {number} pid
 */
function startTime(pid) {
  try {
    const status = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command's name stands in brackets and may hold spaces: fields are counted after it, start time is the twentieth.
    return status.slice(status.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

/**
 * A process that has ended but whose parent has not collected it yet counts as gone.
 * @param {number} pid
 */
function exists(pid) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return true;
  }
}

/**
 * @param {number} pid
 * @returns {ProcessIdentity}
 */
export function identify(pid) {
  return { pid, startedAt: startTime(pid) };
}

/**
 * Whether that very process still runs.
 * @param {ProcessIdentity} identity
 */
export function isRunning({ pid, startedAt }) {
  return exists(pid) && startTime(pid) === startedAt;
}
