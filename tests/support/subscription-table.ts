import test, { type ExecutionContext } from 'ava';
import type { Status } from '../../actors/subscription/rules/subscription.ts';
import { given, type Outcome, type Step } from './subscription-life.ts';

export type Row = {
  given?: readonly Step[];
  when: Step;
  /** Types of the events in order, without the noun; empty for a command that changes nothing. */
  happens?: readonly string[];
  /** The code of the rejection, and the pointer to the field. */
  refused?: readonly [code: string, pointer?: string];
  status?: Status;
  and?: (t: ExecutionContext, outcome: Outcome) => void;
};

/**
 * One decision as a sentence: a life so far, a command, and the events. A command that was accepted
 * once changes nothing when it is repeated.
 */
export const decision = test.macro((t, row: Row) => {
  const life = given(...(row.given ?? []));
  const outcome = life.when(...row.when);
  if (row.refused) outcome.isRefused(t, ...row.refused);
  else outcome.happens(t, ...(row.happens ?? []));
  if (row.status) t.is(outcome.state.status, row.status);
  if (!row.refused) {
    const [command, at] = row.when;
    t.deepEqual(
      given(...(row.given ?? []), row.when).when(typeof command === 'function' && life.before ? command(life.before) : command, at).events,
      [],
    );
  }
  row.and?.(t, outcome);
});

/**
 * The lines of the first invoice that was made: kind, amount, and the dates of its period in UTC.
 */
export const linesOf = (outcome: Outcome): string[] =>
  (outcome.invoices[0]?.lines ?? []).map(({ kind, amount, period }) => `${kind} ${amount} ${day(period.start)}..${day(period.end)}`);

const day = (instant: string): string => instant.slice(0, 10);
