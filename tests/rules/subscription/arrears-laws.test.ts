import test from 'ava';
import fc from 'fast-check';
import { decide } from '../../../actors/subscription/rules/decide.ts';
import { evolve, fold } from '../../../actors/subscription/rules/evolve.ts';
import { violation } from '../../../actors/subscription/rules/invariants.ts';
import { lengthOf } from '../../../actors/subscription/rules/proration.ts';
import type { Subscription, SubscriptionEvent } from '../../../actors/subscription/rules/subscription.ts';
import { isInArrears } from '../../../actors/subscription/rules/terms-checks.ts';
import { earliest, type Instant, later, millisOf, type Period } from '../../../services/shared/time.ts';
import { lawRuns } from '../../support/law-runs.ts';
import { lifeBilled, type Turn, turnsOf } from '../../support/random-subscription.ts';
import { cancel, invoicesOf } from '../../support/subscription-life.ts';

/**
 * One life from a start to its end: the used time by its statuses, and the billed time by its
 * invoices.
 */
type Account = { readonly used: Period[]; readonly billed: Period[]; readonly ended: Subscription };

const isUsing = ({ status }: Subscription): boolean => status === 'active' || status === 'past-due';

/** The instant from which an event counts: a late wake ends and pauses as of its own time. */
function effectOf(event: SubscriptionEvent): Instant {
  if (event.type === 'subscription.started') return event.period.start;
  if (event.type === 'subscription.paused') return event.pausedAt;
  return event.type === 'subscription.ended' ? event.endedAt : event.at;
}

const cutAt = (periods: readonly Period[], at: Instant | null): Period[] =>
  periods.map(({ start, end }) => ({ start, end: earliest(end, at) ?? end })).filter(({ start, end }) => start < end);

/** The unpaid time with access: not in a trial, paused, suspended, or after a fixed term. */
function accountsOf(history: readonly SubscriptionEvent[]): Account[] {
  const accounts: Account[] = [];
  let used: Period[] = [];
  let billed: Period[] = [];
  let since: Instant | null = null;
  let state: Subscription | undefined;
  for (const event of history) {
    const before = state;
    state = evolve(state, event);
    billed.push(
      ...invoicesOf([event]).flatMap(({ lines }) => lines.filter(({ kind }) => kind === 'recurring').map(({ period }) => period)),
    );
    const at = effectOf(event);
    if (since === null && isUsing(state)) since = at;
    if (since !== null && !isUsing(state)) {
      used.push({ start: since, end: at });
      since = null;
    }
    if (event.type === 'subscription.paused') used = cutAt(used, at);
    if (event.type !== 'subscription.ended') continue;
    const end = earliest(at, before?.endsAt) ?? at;
    if (before !== undefined && isInArrears(before)) accounts.push({ used: cutAt(used, end), billed: cutAt(billed, end), ended: state });
    [used, billed] = [[], []];
  }
  return accounts;
}

/** The spans in the first list that are not in the second. */
function without(whole: readonly Period[], parts: readonly Period[]): Period[] {
  return parts.reduce<Period[]>(
    (left, part) =>
      left.flatMap(({ start, end }) =>
        [
          { start, end: earliest(end, part.start) ?? end },
          { start: later(start, part.end), end },
        ].filter((piece) => piece.start < piece.end),
      ),
    [...whole],
  );
}

const describe = ({ command, now, events, after }: Turn): string =>
  `${now} ${JSON.stringify(command)} -> ${events.map(({ type }) => type).join(', ') || 'nothing'}; ${after.status}`;

/** The life, with an end added where it had none. */
function historyOf(turns: readonly Turn[]): SubscriptionEvent[] {
  const history = turns.flatMap(({ events }) => events);
  const last = turns.at(-1);
  if (last === undefined || last.after.endedAt !== null) return history;
  const end = decide(last.after, cancel('now'), last.now);
  if (!end.ok) throw new Error(`the end was refused: ${end.rejection.code}`);
  const broken = violation(last.after, fold(end.value, last.after), end.value);
  if (broken !== undefined) throw new Error(broken);
  return [...history, ...end.value];
}

const everyAccount = (holds: (account: Account) => void) =>
  fc.assert(
    fc.property(lifeBilled('arrears'), (life) => {
      const turns = turnsOf(life);
      try {
        for (const account of accountsOf(historyOf(turns))) holds(account);
      } catch (error) {
        throw new Error(`${(error as Error).message}\n${turns.map(describe).join('\n')}`);
      }
    }),
    { numRuns: lawRuns(1_500), includeErrorInReport: true },
  );

test('law: in arrears, all used time is billed by the end, to the day or second that is counted', (t) => {
  let billed = 0;
  everyAccount(({ used, billed: lines, ended }) => {
    billed += lines.length;
    const lost = without(used, lines).find(({ start, end }) => lengthOf(millisOf(start), millisOf(end), ended) > 0);
    if (lost !== undefined) throw new Error(`${lost.start} to ${lost.end} is not billed`);
  });
  t.true(billed > lawRuns(1_000));
});

test('law: in arrears, unused time is never billed', (t) => {
  everyAccount(({ used, billed }) => {
    const [unused] = without(billed, used);
    if (unused !== undefined) throw new Error(`${unused.start} to ${unused.end} is billed and was not used`);
  });
  t.pass();
});

test('law: in arrears, no time is billed twice', (t) => {
  everyAccount(({ billed }) => {
    for (const [index, { start }] of billed.entries()) {
      const before = billed[index - 1];
      if (before !== undefined && start < before.end) throw new Error(`${start} is billed again after ${before.end}`);
    }
  });
  t.pass();
});
