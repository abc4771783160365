import test from 'ava';
import type { SubscriptionCommand } from '../../../actors/subscription/rules/subscription.ts';
import { cancel, declined, method, paid, retryPayment, type Step, start, terms, utc, wake } from '../../support/subscription-life.ts';
import { decision, linesOf } from '../../support/subscription-table.ts';

const active: Step[] = [
  [start(), '2026-01-31 10:00'],
  [paid, '2026-01-31 10:00'],
];

const renewing: Step[] = [...active, [wake, '2026-02-28 10:00']];

const pastDue: Step[] = [...renewing, [declined(), '2026-02-28 10:00']];

test('nothing is due before the period ends', decision, { given: active, when: [wake, '2026-02-28 09:59:59'], happens: [] });

test('at the end of the period the next one is billed and begins immediately', decision, {
  given: active,
  when: [wake, '2026-02-28 10:00'],
  happens: ['renewal-due'],
  status: 'active',
  and: (t, outcome) => {
    t.deepEqual(linesOf(outcome), ['recurring 3100 2026-02-28..2026-03-31']);
    t.is(outcome.invoices[0]?.invoiceId, 'inv_sub_1_2');
    t.is(outcome.state.paidThrough, utc('2026-02-28 10:00'));
  },
});

test('a second wake bills nothing more', decision, { given: renewing, when: [wake, '2026-02-28 10:00:01'], happens: [] });

test('while an invoice is open, no further period is billed, however late the payment is', decision, {
  given: renewing,
  when: [wake, '2026-07-01'],
  happens: [],
});

test('a clock that jumps back bills nothing', decision, { given: renewing, when: [wake, '2025-12-01'], happens: [] });

test('the payment of a renewal extends the paid time', decision, {
  given: renewing,
  when: [paid, '2026-02-28 10:00:03'],
  happens: ['renewed'],
  status: 'active',
  and: (t, { state }) => t.is(state.paidThrough, utc('2026-03-31 10:00')),
});

const outcomeOf = (invoiceId: string, outcome: 'succeeded' | 'declined', attempt: number): SubscriptionCommand => ({
  type: 'recordPayment',
  invoiceId,
  outcome,
  attempt,
  category: outcome === 'declined' ? 'soft' : null,
  declineCode: null,
});

test('a payment that was already recorded changes nothing', decision, {
  given: [...renewing, [paid, '2026-02-28 10:00:03']],
  when: [outcomeOf('inv_sub_1_2', 'succeeded', 1), '2026-02-28 10:01'],
  happens: [],
});

test('a payment of an unknown invoice changes nothing', decision, {
  given: renewing,
  when: [outcomeOf('inv_other_9', 'succeeded', 1), '2026-02-28 10:01'],
  happens: [],
});

test('a failed renewal keeps access, and is retried on the next day', decision, {
  given: renewing,
  when: [declined(), '2026-02-28 10:00'],
  happens: ['payment-failed'],
  status: 'past-due',
  and: (t, { state: { openInvoices } }) => {
    const { retryAt, suspendAt, graceEndsAt, failedAttempts } = openInvoices[0] ?? {};
    t.deepEqual(
      [retryAt, suspendAt, graceEndsAt, failedAttempts],
      [utc('2026-03-01 10:00'), utc('2026-03-07 10:00'), utc('2026-03-14 10:00'), 1],
    );
  },
});

test('a failure that was already counted changes nothing', decision, {
  given: pastDue,
  when: [outcomeOf('inv_sub_1_2', 'declined', 1), '2026-02-28 23:00'],
  happens: [],
});

test('a confirmation succeeds under the number of its attempt', decision, {
  given: [...renewing, [declined('action-required'), '2026-02-28 10:00']],
  when: [outcomeOf('inv_sub_1_2', 'succeeded', 1), '2026-02-28 11:00'],
  happens: ['renewed'],
  status: 'active',
});

test('a declined confirmation schedules the invoice for a retry', decision, {
  given: [...renewing, [declined('action-required'), '2026-02-28 10:00']],
  when: [outcomeOf('inv_sub_1_2', 'declined', 1), '2026-02-28 11:00'],
  happens: ['payment-failed'],
  and: (t, { state: { openInvoices } }) =>
    t.deepEqual([openInvoices[0]?.failedAttempts, openInvoices[0]?.retryAt], [1, utc('2026-03-01 10:00')]),
});

test('at its instant the retry is due, under the next attempt', decision, {
  given: pastDue,
  when: [wake, '2026-03-01 10:00'],
  happens: ['retry-due'],
  and: (t, { events: [retry] }) => t.is(retry?.type === 'subscription.retry-due' && retry.attempt, 2),
});

test('the success of a retry makes the subscription active again', decision, {
  given: [...pastDue, [wake, '2026-03-01 10:00']],
  when: [paid, '2026-03-01 10:00:02'],
  happens: ['renewed'],
  status: 'active',
});

test('a hard decline is not retried automatically', decision, {
  given: renewing,
  when: [declined('hard'), '2026-02-28 10:00'],
  happens: ['payment-failed'],
  and: (t, { state }) => t.is(state.openInvoices[0]?.retryAt, null),
});

test('hard declines count towards the limit of the policy', decision, {
  given: [
    [start({ policy: { ...start().policy, hardDeclineRetries: 1 } }), '2026-01-31 10:00'],
    [paid, '2026-01-31 10:00'],
    [wake, '2026-02-28 10:00'],
    [declined('hard'), '2026-02-28 10:00'],
    [wake, '2026-03-01 10:00'],
  ],
  when: [declined('hard'), '2026-03-01 10:00'],
  happens: ['payment-failed'],
  and: (t, { state }) => t.is(state.openInvoices[0]?.retryAt, null),
});

test('a new payment method is charged immediately for an overdue invoice', decision, {
  given: [...renewing, [declined('expired-card'), '2026-02-28 10:00']],
  when: [method(true), '2026-03-01'],
  happens: ['payment-method-recorded', 'retry-due'],
});

test('the removal of the payment method is recorded', decision, {
  given: active,
  when: [method(false), '2026-02-01'],
  happens: ['payment-method-recorded'],
});

test('a payment method that is already known changes nothing', decision, {
  given: active,
  when: [method(true), '2026-02-01'],
  happens: [],
});

test('a payment can be retried on request', decision, {
  given: pastDue,
  when: [retryPayment, '2026-02-28 12:00'],
  happens: ['retry-due'],
});

test('a retry on request changes nothing while an attempt is under way', decision, {
  given: renewing,
  when: [retryPayment, '2026-02-28 12:00'],
  happens: [],
});

test('a retry without an overdue invoice is refused', decision, {
  given: active,
  when: [retryPayment, '2026-02-01'],
  refused: ['nothing-to-retry'],
});

test('a failed first payment can be retried with another method', decision, {
  given: [
    [start(), '2026-01-31 10:00'],
    [declined('expired-card'), '2026-01-31 10:00'],
  ],
  when: [method(true), '2026-01-31 12:00'],
  happens: ['payment-method-recorded', 'retry-due'],
  status: 'incomplete',
});

const methodEvent = (customerSequence: number, available = true): SubscriptionCommand => ({
  type: 'recordPaymentMethod',
  available,
  customerSequence,
});

test('the event of a new payment method that comes again is not another attempt', decision, {
  given: [...pastDue, [methodEvent(3), '2026-03-01'], [declined(), '2026-03-01']],
  when: [methodEvent(3), '2026-03-02'],
  happens: [],
});

test('the event of a payment method from before the failure is not another attempt', decision, {
  given: [...active, [methodEvent(3), '2026-02-01'], ...pastDue.slice(active.length)],
  when: [methodEvent(3), '2026-03-02'],
  happens: [],
});

test('a further payment method is another attempt', decision, {
  given: [...pastDue, [methodEvent(3), '2026-03-01'], [declined(), '2026-03-01']],
  when: [methodEvent(4), '2026-03-02'],
  happens: ['payment-method-recorded', 'retry-due'],
});

test('an older event of a payment method changes nothing', decision, {
  given: [...pastDue, [methodEvent(5, false), '2026-03-01']],
  when: [methodEvent(4), '2026-03-02'],
  happens: [],
  and: (t, { state }) => t.false(state.hasPaymentMethod),
});

test('a payment that arrives after the end is recorded once', decision, {
  given: [...pastDue, [cancel('now'), '2026-03-02']],
  when: [outcomeOf('inv_sub_1_2', 'succeeded', 2), '2026-03-03'],
  happens: ['late-payment-recorded'],
  status: 'cancelled',
});

test('a failure after the end changes nothing', decision, {
  given: [...pastDue, [cancel('now'), '2026-03-02']],
  when: [outcomeOf('inv_sub_1_2', 'declined', 2), '2026-03-03'],
  happens: [],
});

test('overdue periods are billed one at a time, each after the payment of the one before', decision, {
  given: [...renewing, [declined('hard'), '2026-02-28 10:00'], [retryPayment, '2026-03-01']],
  when: [paid, '2026-06-15'],
  happens: ['renewed', 'renewal-due'],
  and: (t, outcome) => t.deepEqual(linesOf(outcome), ['recurring 3100 2026-03-31..2026-04-30']),
});

test('a free plan renews all overdue periods in one turn', decision, {
  given: [[start({ terms: terms('plan_free', 0) }), '2026-01-31']],
  when: [wake, '2026-04-30'],
  happens: ['renewal-due', 'renewed', 'renewal-due', 'renewed', 'renewal-due', 'renewed'],
  status: 'active',
});
