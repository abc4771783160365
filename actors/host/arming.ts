import { type Instant, later } from '../../services/shared/time.ts';
import type { Aggregate, Clock, NextWake, Origin } from './aggregate.ts';
import type { Reminders } from './reminders.ts';

/** The guard borrows the name of the reminder that is armed anyway, so that it leaves nothing behind. */
export const guardName = <State, Command, Event>(aggregate: Aggregate<State, Command, Event>, before: State | undefined): string =>
  (before && aggregate.nextWake(before)?.reminder) ?? (aggregate.reminders[0] as string);

export type Arming<State, Command, Event> = {
  readonly aggregate: Aggregate<State, Command, Event>;
  readonly reminders: Reminders;
  readonly before: State | undefined;
  readonly after: State;
  readonly clock: Clock;
  readonly origin: Origin;
  readonly guard: string | undefined;
  readonly out: boolean;
  readonly made: number;
  readonly published: number;
  readonly now: Instant;
};

/** The last step, and the only one that takes away what stood behind the turn. */
export async function armNext<State, Command, Event>(arming: Arming<State, Command, Event>): Promise<void> {
  const { aggregate, reminders, after, clock, origin, guard, out, published, now } = arming;
  const wake = aggregate.nextWake(after);
  if (!out) {
    await reminders.guard(guard ?? wake?.reminder ?? (aggregate.reminders[0] as string), published);
    return;
  }
  if (clock || !wake) {
    if (clock && !guard && origin.by !== 'reminder') return;
    for (const name of clock && guard ? [guard] : aggregate.reminders) await reminders.remove(name);
    return;
  }
  if (aggregate.isWaiting(wake) && standsAlready(arming, wake)) return;
  await reminders.arm(wake.reminder, later(wake.at, now), published);
  for (const name of staleNames(arming, wake)) await reminders.remove(name);
}

/**
 * While an outcome is awaited, the guard or the reminder that started the turn goes on repeating: that is wake enough. Only a guard
 * that has fired is moved on, for it repeats faster than there is need to look.
 */
const standsAlready = <State, Command, Event>(
  { origin, guard, before, aggregate }: Arming<State, Command, Event>,
  wake: NextWake,
): boolean =>
  guard === wake.reminder ||
  (origin.by === 'reminder' && origin.name === wake.reminder && !origin.isGuard) ||
  (origin.by === 'hint' && before !== undefined && aggregate.nextWake(before)?.reminder === wake.reminder);

const staleNames = <State, Command, Event>(
  { aggregate, before, guard, origin }: Arming<State, Command, Event>,
  wake: NextWake,
): string[] => {
  const used = [guard, origin.by === 'reminder' ? origin.name : undefined, before && aggregate.nextWake(before)?.reminder];
  return [...new Set(used)].filter((name) => name !== undefined && name !== wake.reminder) as string[];
};
