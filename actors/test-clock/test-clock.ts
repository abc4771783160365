import { accept, type Result, reject } from '../../services/shared/result.ts';
import { type Instant, plusMillis } from '../../services/shared/time.ts';
import type { NextWake } from '../host/aggregate.ts';

/**
 * A frozen time. While `target` is set, the subscriptions on the clock are being advanced to it.
 */
export type TestClock = {
  readonly id: string;
  readonly now: Instant;
  readonly target: Instant | null;
  /**
   * System time of the last request to advance; it is repeated when the clock has not arrived a
   * minute later.
   */
  readonly askedAt: Instant;
};

export type TestClockCommand =
  | { readonly type: 'create'; readonly id: string; readonly now: Instant }
  | { readonly type: 'advance'; readonly to: Instant }
  | { readonly type: 'arrive'; readonly at: Instant }
  | { readonly type: 'wake' };

export type TestClockEvent =
  | { readonly type: 'test-clock.created'; readonly id: string; readonly now: Instant; readonly at: Instant }
  | { readonly type: 'test-clock.advance-due'; readonly to: Instant; readonly at: Instant }
  | { readonly type: 'test-clock.arrived'; readonly now: Instant; readonly at: Instant };

const millisUntilAskedAgain = 60_000;

/**
 * The events of a command. `systemNow` is real time, for a test clock itself lives on no other
 * clock. Advancing to the current time changes nothing; going back is refused.
 */
export function decide(clock: TestClock | undefined, command: TestClockCommand, systemNow: Instant): Result<readonly TestClockEvent[]> {
  if (command.type === 'create') {
    if (!clock) return accept([{ type: 'test-clock.created', id: command.id, now: command.now, at: systemNow }]);
    return clock.now === command.now
      ? accept([])
      : reject('already-exists', `A test clock with the id ${command.id} already exists with a different time.`);
  }
  if (!clock) return reject('test-clock-not-found', 'There is no such test clock.');
  switch (command.type) {
    case 'advance': {
      if (clock.target === command.to || (clock.target === null && clock.now === command.to)) return accept([]);
      if (clock.target !== null) return reject('clock-advancing', `The test clock ${clock.id} is still advancing to ${clock.target}.`);
      if (command.to < clock.now)
        return reject('clock-backwards', `The test clock ${clock.id} is at ${clock.now} and cannot go back.`, '/to');
      return accept([{ type: 'test-clock.advance-due', to: command.to, at: systemNow }]);
    }
    case 'arrive':
      return accept(clock.target === command.at ? [{ type: 'test-clock.arrived', now: command.at, at: systemNow }] : []);
    case 'wake':
      if (clock.target === null || systemNow < plusMillis(clock.askedAt, millisUntilAskedAgain)) return accept([]);
      return accept([{ type: 'test-clock.advance-due', to: clock.target, at: systemNow }]);
    default:
      return command satisfies never;
  }
}

export function evolve(clock: TestClock | undefined, event: TestClockEvent): TestClock {
  if (event.type === 'test-clock.created') return { id: event.id, now: event.now, target: null, askedAt: event.at };
  if (!clock) throw new Error('a test clock begins with test-clock.created');
  if (event.type === 'test-clock.advance-due') return { ...clock, target: event.to, askedAt: event.at };
  return { ...clock, now: event.now, target: null };
}

export const nextWake = ({ target, askedAt }: TestClock): NextWake | undefined =>
  target === null ? undefined : { at: plusMillis(askedAt, millisUntilAskedAgain), reason: 'walk', reminder: 'walk' };

/** A test clock as the API shows it (docs/api.md, Time). */
export const resourceOf = ({ id, now, target }: TestClock) => ({
  id,
  now,
  status: target === null ? ('ready' as const) : ('advancing' as const),
  advancingTo: target,
});
