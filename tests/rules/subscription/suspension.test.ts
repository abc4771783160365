import test from 'ava';
import { declined, paid, retryPayment, type Step, start, utc, wake } from '../../support/subscription-life.ts';
import { decision, linesOf } from '../../support/subscription-table.ts';

const active: Step[] = [
  [start(), '2026-01-31 10:00'],
  [paid, '2026-01-31 10:00'],
];

const renewing: Step[] = [...active, [wake, '2026-02-28 10:00']];

const pastDue: Step[] = [...renewing, [declined(), '2026-02-28 10:00']];

const suspended: Step[] = [...pastDue, [wake, '2026-03-01 10:00'], [declined('hard'), '2026-03-01 10:00'], [wake, '2026-03-07 10:00']];

test('a subscription is not suspended while a retry is under way', decision, {
  given: [...pastDue, [wake, '2026-03-01 10:00']],
  when: [wake, '2026-03-20'],
  happens: [],
  status: 'past-due',
});

test('a retry that fails after the day of suspension suspends the subscription in the same turn', decision, {
  given: [...pastDue, [wake, '2026-03-01 10:00']],
  when: [declined('hard'), '2026-03-08'],
  happens: ['payment-failed', 'suspended'],
  status: 'suspended',
});

test('a retry that fails after the grace period ends the subscription in the same turn', decision, {
  given: [...pastDue, [wake, '2026-03-01 10:00']],
  when: [declined('hard'), '2026-03-14 10:00'],
  happens: ['payment-failed', 'ended'],
  status: 'cancelled',
});

test('seven days after the first failure access stops', decision, {
  given: [...pastDue, [wake, '2026-03-01 10:00'], [declined('hard'), '2026-03-01 10:00']],
  when: [wake, '2026-03-07 10:00'],
  happens: ['suspended'],
  status: 'suspended',
});

test('the end of the grace period cancels the subscription, and gives up the open invoice', decision, {
  given: suspended,
  when: [wake, '2026-03-14 10:00'],
  happens: ['ended'],
  status: 'cancelled',
  and: (t, { events: [ended], state }) => {
    t.deepEqual(ended?.type === 'subscription.ended' && ended.closes, [{ invoiceId: 'inv_sub_1_2', as: 'uncollectible' }]);
    t.is(state.endReason, 'payment-failed');
  },
});

const patient = { ...start().policy, retryDays: [], finalAction: 'suspend' as const };

test('with the final action "suspend" the subscription waits for its payment without a limit', decision, {
  given: [
    [start({ policy: patient }), '2026-01-31 10:00'],
    [paid, '2026-01-31 10:00'],
    [wake, '2026-02-28 10:00'],
    [declined(), '2026-02-28 10:00'],
    [wake, '2026-03-07 10:00'],
  ],
  when: [wake, '2027-01-01'],
  happens: [],
  status: 'suspended',
});

test('a grace period that ends before the day of suspension suspends the subscription at its end', decision, {
  given: [
    [start({ policy: { ...patient, suspendAfterDays: 30, graceDays: 3 } }), '2026-01-31 10:00'],
    [paid, '2026-01-31 10:00'],
    [wake, '2026-02-28 10:00'],
    [declined(), '2026-02-28 10:00'],
  ],
  when: [wake, '2026-03-03 10:00'],
  happens: ['suspended'],
});

test('a wake that comes weeks late, after the grace period, ends the subscription without a suspension', decision, {
  given: [...renewing, [declined('hard'), '2026-02-28 10:00']],
  when: [wake, '2026-05-01'],
  happens: ['ended'],
  status: 'cancelled',
});

test('a payment within the period restores access, and credits the days without access', decision, {
  given: [...suspended, [retryPayment, '2026-03-12 10:00']],
  when: [paid, '2026-03-12 10:00'],
  happens: ['recovered'],
  status: 'active',
  and: (t, outcome) => {
    const { period, paidThrough, suspendedAt } = outcome.state;
    t.deepEqual(linesOf(outcome), ['credit -500 2026-03-07..2026-03-12']);
    t.deepEqual(period, { start: utc('2026-02-28 10:00'), end: utc('2026-03-31 10:00'), number: 2 });
    t.deepEqual([paidThrough, suspendedAt], [utc('2026-03-31 10:00'), null]);
  },
});

const overdue: Step[] = [
  [start({ policy: { ...start().policy, graceDays: 60 } }), '2026-01-31 10:00'],
  [paid, '2026-01-31 10:00'],
  [wake, '2026-02-28 10:00'],
  [declined('hard'), '2026-02-28 10:00'],
  [wake, '2026-03-07 10:00'],
  [retryPayment, '2026-04-03 10:00'],
];

test('a payment after the end of the period also bills the stub from then on', decision, {
  given: overdue,
  when: [paid, '2026-04-03 10:00'],
  happens: ['recovered'],
  status: 'active',
  and: (t, outcome) => {
    t.deepEqual(linesOf(outcome), ['credit -2400 2026-03-07..2026-03-31', 'recurring 2790 2026-04-03..2026-04-30']);
    t.deepEqual([outcome.state.paidThrough, outcome.state.period?.number], [utc('2026-03-31 10:00'), 3]);
  },
});

test('a payment at the very end of the period bills the whole next period', decision, {
  given: overdue.map(([command, at]): Step => [command, at === '2026-04-03 10:00' ? '2026-03-31 10:00' : at]),
  when: [paid, '2026-03-31 10:00'],
  happens: ['recovered'],
  and: (t, outcome) => t.deepEqual(linesOf(outcome), ['credit -2400 2026-03-07..2026-03-31', 'recurring 3100 2026-03-31..2026-04-30']),
});

test('a recovery whose invoice is not above zero settles it in the same turn', decision, {
  given: overdue.map(([command, at]): Step => [command, at === '2026-04-03 10:00' ? '2026-04-20 10:00' : at]),
  when: [paid, '2026-04-20 10:00'],
  happens: ['recovered', 'payment-recorded'],
  status: 'active',
  and: (t, { state }) => t.deepEqual([state.openInvoices.length, state.paidThrough], [0, utc('2026-04-30 10:00')]),
});
