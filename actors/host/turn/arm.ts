import { type Instant, later, millisOf, plusMillis } from '../../../services/shared/time.ts';
import type { NextWake } from '../aggregate.ts';
import { keyOf } from './origin.ts';
import type { Decision, Loaded, Turn } from './turn.ts';

/**
 * Before the commit of a caller's turn, arms the guard: a reminder a minute ahead, for nothing else
 * would repeat such a turn. It borrows the name of the reminder that is armed anyway, so that it
 * leaves nothing behind. Returns that name, or undefined where no guard is needed: the turn commits
 * nothing, or its own reminder, the broker or the sender of a hint repeats it.
 *
 * An actor that has no reminder at all is guarded in every other turn too, and so is one that comes
 * into quarantine: where the delivery is not repeated, nothing would ever wake it again.
 */
export async function armGuard<State, Command, Event>(
  { aggregate, origin, reminders }: Turn<State, Command, Event>,
  { published }: Loaded<State>,
  { before, events, quarantine }: Decision<State, Event>,
): Promise<string | undefined> {
  const armed = before && aggregate.nextWake(before)?.reminder;
  const isSentAgain = origin.by !== 'call' && keyOf(origin) === undefined;
  const isRepeated = origin.by === 'reminder' || (isSentAgain && armed !== undefined && quarantine === null);
  if (isRepeated || events.length === 0) return undefined;
  const guard = armed ?? firstReminder(aggregate);
  await reminders.guard(guard, published);
  return guard;
}

const firstReminder = ({ reminders }: { readonly reminders: readonly string[] }): string => reminders[0] as string;

export type ArmOptions = { readonly guard: string | undefined; readonly isPublished: boolean; readonly now: Instant };

/**
 * Last step, and the only one that takes away the guard: arms the next wake in its place. While
 * events wait for the broker the guard stays instead. A repeat arms the same wake again.
 */
export async function armNextWake<State, Command, Event>(
  turn: Turn<State, Command, Event>,
  loaded: Loaded<State>,
  { before, after, sequence, quarantine }: Decision<State, Event>,
  { guard, isPublished, now }: ArmOptions,
): Promise<void> {
  const { aggregate, reminders, origin } = turn;
  const wake = quarantine === null ? aggregate.nextWake(after) : undefined;
  if (!isPublished) return reminders.guard(guard ?? wake?.reminder ?? firstReminder(aggregate), loaded.published);
  if (loaded.clock || !wake) return removeAll(turn, loaded.clock !== null, guard);
  const isAwaiting = aggregate.awaitsOutcome(wake);
  if (isAwaiting && isArmedAlready(turn, wake, guard, now)) return;
  const former = before && aggregate.nextWake(before)?.reminder;
  await armAt(turn, wake.reminder, isAwaiting ? nextCheck(wake.at, now) : wake.at, now, sequence);
  const used = new Set([guard, origin.by === 'reminder' ? origin.name : undefined, former]);
  for (const name of used) if (name !== undefined && name !== wake.reminder) await reminders.remove(name);
}

const hour = 3_600_000;

/**
 * The next check on an outcome: at the wake's own instant, then after an hour, six hours and every
 * day. Each check publishes the request again, and a debit may take days.
 */
function nextCheck(at: Instant, now: Instant): Instant {
  const late = millisOf(now) - millisOf(at);
  if (late < 0) return at;
  return plusMillis(now, late < hour ? hour : late < 7 * hour ? 6 * hour : 24 * hour);
}

const soonMillis = 60_000;
const leastMillis = 1_000;

/**
 * Arms the reminder for an instant. One that has just fired is never armed nearer than a second
 * ahead, and for the next minute by the clock of the scheduler: where the clock of this host is
 * behind it, the instant has passed there, and the reminder would fire again and again until the
 * host has caught up.
 */
async function armAt<State, Command, Event>(
  { reminders, origin }: Turn<State, Command, Event>,
  name: string,
  at: Instant,
  now: Instant,
  published: number,
): Promise<void> {
  const ahead = millisOf(at) - millisOf(now);
  if (origin.by !== 'reminder' || ahead > soonMillis) return reminders.arm(name, later(at, now), published);
  await reminders.armIn(name, Math.max(leastMillis, ahead), at, published);
}

/** On a test clock only a guard or a fired reminder can be there, for its clock wakes the actor. */
async function removeAll<State, Command, Event>(
  { aggregate, origin, reminders }: Turn<State, Command, Event>,
  isOnTestClock: boolean,
  guard: string | undefined,
): Promise<void> {
  if (isOnTestClock && !guard && origin.by !== 'reminder') return;
  for (const name of isOnTestClock && guard ? [guard] : aggregate.reminders) await reminders.remove(name);
}

/**
 * While an outcome is awaited, the guard or the reminder that began the turn goes on repeating, and
 * that is wake enough for the first check. A guard that has fired, and a reminder that has checked,
 * are moved on, for they repeat faster than needed.
 * A hint proves nothing about reminders: the sweeper sends one where they may be lost.
 */
const isArmedAlready = <State, Command, Event>(
  { origin }: Turn<State, Command, Event>,
  { reminder, at }: NextWake,
  guard: string | undefined,
  now: Instant,
): boolean => guard === reminder || (origin.by === 'reminder' && origin.name === reminder && !origin.isGuard && at > now);
