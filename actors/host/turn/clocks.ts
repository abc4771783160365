import { type Instant, millisOf } from '../../../services/shared/time.ts';
import type { Origin } from '../aggregate.ts';

const mostMillis = 60_000;

/**
 * Fails a turn where clocks disagree by more than a minute, for it would bill too early or too
 * late. A reminder never fires before its instant, so a host whose clock is before that is behind
 * the scheduler. A clock that is ahead looks like a reminder that comes late, and is found by the
 * host's own check.
 */
export async function checkClocks(origin: Origin, now: Instant, checkClock: (() => Promise<void>) | undefined): Promise<void> {
  const due = origin.by === 'reminder' && !origin.isGuard ? origin.due : undefined;
  const behind = due === undefined ? 0 : millisOf(due) - millisOf(now);
  if (behind > mostMillis) throw new Error(`the clock of this host is ${Math.round(behind / 1_000)} s behind a reminder that has fired`);
  await checkClock?.();
}
