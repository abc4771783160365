import test from 'ava';
import fc from 'fast-check';
import { decide } from '../../../actors/subscription/rules/decide.ts';
import { fold } from '../../../actors/subscription/rules/evolve.ts';
import { violation } from '../../../actors/subscription/rules/invariants.ts';
import { resourceOf } from '../../../actors/subscription/rules/resource.ts';
import type { InvoiceRequest, RequestedLine, Subscription, SubscriptionEvent } from '../../../actors/subscription/rules/subscription.ts';
import { nextWake } from '../../../actors/subscription/rules/wake.ts';
import { type Instant, millisOf } from '../../../services/shared/time.ts';
import { lawRuns } from '../../support/law-runs.ts';
import { lifeArbitrary, type Turn, turnsOf } from '../../support/random-subscription.ts';
import { invoicesOf } from '../../support/subscription-life.ts';

/** Checks each turn of many random lives, and names the life in which a check fails. */
const everyTurn = (holds: (turn: Turn, earlier: readonly Turn[]) => void, numRuns = lawRuns(1_000)) =>
  everyLife((turns) => {
    for (const [index, turn] of turns.entries()) holds(turn, turns.slice(0, index));
  }, numRuns);

const everyLife = (holds: (turns: readonly Turn[]) => void, numRuns = lawRuns(1_000)) =>
  fc.assert(
    fc.property(lifeArbitrary, (life) => {
      const turns = turnsOf(life);
      try {
        holds(turns);
      } catch (error) {
        throw new Error(`${(error as Error).message}\n${turns.map(describe).join('\n')}`);
      }
    }),
    { numRuns, includeErrorInReport: true },
  );

const describe = ({ command, now, events, after }: Turn): string =>
  `${now} ${JSON.stringify(command)} -> ${events.map(({ type }) => type).join(', ') || 'nothing'}; ${after.status}`;

const expectEqual = (actual: unknown, expected: unknown, subject: string) => {
  if (JSON.stringify(actual) !== JSON.stringify(expected))
    throw new Error(`${subject}: ${JSON.stringify(actual)} is not ${JSON.stringify(expected)}`);
};

test('law: no turn of any life breaks an invariant', (t) => {
  everyTurn(({ before, after, events }) => expectEqual(violation(before, after, events) ?? null, null, 'violation'));
  t.pass();
});

/**
 * A wake that comes years late to a free plan renews a limited number of periods, and the next wake
 * follows immediately.
 */
const isCutShort = (events: readonly unknown[]) => events.length >= 100;

test('law: a repeated command changes nothing', (t) => {
  everyTurn(({ command, now, after, events }) => {
    if (isCutShort(events)) return;
    const again = decide(after, command, now);
    if (again.ok) expectEqual(again.value, [], `${command.type} again`);
  });
  t.pass();
});

test('law: the sum of the history is the state, also through JSON', (t) => {
  everyTurn(({ after, events }, earlier) => {
    const history = [...earlier.flatMap((turn) => turn.events), ...events];
    expectEqual(fold(JSON.parse(JSON.stringify(history))), after, 'the fold');
    expectEqual(after.sequence, history.length, 'the sequence');
  }, 300);
  t.pass();
});

test('law: each invoice has an id of its own', (t) => {
  everyTurn(({ events }, earlier) => {
    const ids = [...earlier.flatMap((turn) => turn.events), ...events]
      .flatMap((event) => invoicesOf([event]))
      .map(({ invoiceId }) => invoiceId);
    expectEqual(new Set(ids).size, ids.length, 'distinct ids');
  }, 300);
  t.pass();
});

test('law: a wake at its instant has an effect, unless the subscription waits for a payment or has come to its end', (t) => {
  everyTurn(({ after }) => {
    const wake = nextWake(after);
    if (wake === undefined || wake.reason === 'payment-pending') return;
    const decision = decide(after, { type: 'wake' }, wake.at);
    if (!decision.ok || decision.value.length === 0) throw new Error(`${wake.reason} at ${wake.at} does nothing in ${after.status}`);
  });
  t.pass();
});

test('law: after a wake nothing more is due, however late the wake came', (t) => {
  everyTurn(({ command, after, now, events }) => {
    const wake = nextWake(after);
    const isEverythingDone = wake === undefined || wake.at > now || wake.reason === 'payment-pending';
    if (command.type === 'wake' && !isCutShort(events) && !isEverythingDone)
      throw new Error(`${wake.reason} is still due since ${wake.at}`);
  });
  t.pass();
});

type PaidTime = { readonly start: Instant; readonly end: Instant; readonly amount: number; readonly length: number };

/** The invoices that were not owed in the end, so that their time was free. */
const closedIn = (events: readonly SubscriptionEvent[]) =>
  new Set(events.flatMap((event) => (event.type === 'subscription.invoice-closed' ? [event.invoiceId] : [])));

/** The time that each invoice charges, less its credited part: the time that is paid in the end. */
function paidTime(invoices: readonly InvoiceRequest[]): PaidTime[] {
  const isReturn = ({ explanation: { rule } }: RequestedLine) => rule === 'unused-time' || rule === 'whole-period-returned';
  const returns = invoices.flatMap(({ lines }) => lines).filter(isReturn);
  return invoices.flatMap(({ invoiceId, lines }) =>
    lines
      .map((line) => ({ ...line, amount: line.amount - line.discount }))
      .filter(({ kind, amount }) => kind === 'recurring' && amount > 0)
      .map(({ amount, planId, period: { start, end } }) => {
        const back = returns.find((line) => line.creditedInvoiceId === invoiceId && line.planId === planId);
        return { start, end: back ? back.period.start : end, amount, length: millisOf(end) - millisOf(start) };
      }),
  );
}

const aDay = 25 * 3_600_000;

/**
 * Days are counted whole and cents are not split: the rest of a last day, or a rest below one cent,
 * costs nothing.
 */
const isNegligible = (one: PaidTime, other: PaidTime): boolean => {
  const overlap = millisOf(one.end) - millisOf(other.start);
  return overlap < aDay || (one.amount * overlap) / one.length < 1;
};

/**
 * After these events, an unpaid charge that was given up and the charge of a reactivation may cover
 * one time.
 */
const beginsAnew = ({ type }: SubscriptionEvent): boolean => type === 'subscription.reactivated';

/** A closed invoice takes its credit for unused time with it, so that this time stays paid. */
const givesCredit = ({ lines }: InvoiceRequest): boolean => lines.some(({ kind }) => kind === 'credit');

test('law: no time is charged twice in a life', (t) => {
  everyLife((turns) => {
    if (turns.some(({ after, events }) => after.unusedMillis > 0 || events.some(beginsAnew))) return;
    const closed = closedIn(turns.flatMap(({ events }) => events));
    const invoices = turns.flatMap(({ events }) => invoicesOf(events));
    if (invoices.some((invoice) => closed.has(invoice.invoiceId) && givesCredit(invoice))) return;
    const paid = paidTime(invoices.filter(({ invoiceId }) => !closed.has(invoiceId))).sort((one, other) =>
      one.start < other.start ? -1 : 1,
    );
    for (const [index, one] of paid.entries()) {
      const next = paid[index + 1];
      if (next && next.start < one.end && !isNegligible(one, next)) throw new Error(`paid until ${one.end} and again from ${next.start}`);
    }
  });
  t.pass();
});

test('law: no invoice is credited with more than it charged', (t) => {
  everyTurn(({ events }, earlier) => {
    const lines = [...earlier.flatMap((turn) => turn.events), ...events].flatMap((event) => invoicesOf([event]));
    for (const { invoiceId, lines: charges } of lines) {
      const charged = charges.filter(({ kind }) => kind !== 'credit').reduce((total, { amount, discount }) => total + amount - discount, 0);
      const credited = lines.flatMap((invoice) => invoice.lines).filter(({ creditedInvoiceId }) => creditedInvoiceId === invoiceId);
      const total = credited.reduce((sum, { amount }) => sum - amount, 0);
      if (total > charged) throw new Error(`${total} of ${charged} is credited on ${invoiceId}`);
    }
  }, 300);
  t.pass();
});

const isFinal = ({ status }: Subscription) => ['cancelled', 'expired', 'incomplete-expired'].includes(status);

test('law: an end is final except for a reactivation, and only a late payment is still recorded', (t) => {
  everyTurn(({ before, after, command, events }) => {
    if (before === undefined || before.endedAt === null || command.type === 'reactivate') return;
    if (!isFinal(after) || events.some(({ type }) => !type.startsWith('subscription.late-payment-')))
      throw new Error(`${events[0]?.type} after the end`);
  });
  t.pass();
});

test('law: every state has a public resource, which names a next billing only where there will be one', (t) => {
  everyTurn(({ after }) => {
    const resource = resourceOf(after, null);
    if (isFinal(after) && (resource.nextBillingAt !== null || resource.nextWake !== null)) throw new Error('an ended one is billed');
    expectEqual(resource.sequence, after.sequence, 'sequence');
  }, 300);
  t.pass();
});
