import test from 'ava';
import type { SubscriptionEvent } from '../../../actors/subscription/rules/subscription.ts';
import { cancel, change, declined, paid, pause, premium, resume, type Step, start, utc, wake } from '../../support/subscription-life.ts';
import { decision, linesOf } from '../../support/subscription-table.ts';

const active: Step[] = [
  [start(), '2026-03-01'],
  [paid, '2026-03-01'],
];

const closesOf = ([event]: readonly SubscriptionEvent[]) => (event?.type === 'subscription.ended' ? event.closes : undefined);

test('a cancellation at the instant of the renewal credits the whole of a paid invoice', decision, {
  given: [...active, [wake, '2026-04-01'], [paid, '2026-04-01']],
  when: [cancel('now'), '2026-04-01'],
  happens: ['ended'],
  and: (t, outcome) => {
    t.deepEqual(linesOf(outcome), ['credit -3100 2026-04-01..2026-05-01']);
    t.is(outcome.invoices[0]?.lines[0]?.explanation.rule, 'whole-period-returned');
  },
});

test('an immediate cancellation credits nothing unless credit is requested', decision, {
  given: active,
  when: [cancel('now'), '2026-03-11'],
  happens: ['ended'],
  and: (t, { invoices, state }) => t.deepEqual([invoices.length, state.endedAt], [0, utc('2026-03-11')]),
});

test('an immediate cancellation credits the unused days on request', decision, {
  given: active,
  when: [cancel('now', 'prorate'), '2026-03-11 20:00'],
  happens: ['ended'],
  and: (t, outcome) => {
    t.deepEqual(linesOf(outcome), ['credit -2100 2026-03-11..2026-04-01']);
    t.is(outcome.state.paidThrough, utc('2026-03-11 20:00'));
  },
});

test('the credit counts seconds where seconds are the proration unit', decision, {
  given: [
    [start({ prorationUnit: 'second' }), '2026-03-01'],
    [paid, '2026-03-01'],
  ],
  when: [cancel('now', 'prorate'), '2026-03-11 12:00'],
  happens: ['ended'],
  and: (t, outcome) => t.deepEqual(linesOf(outcome), ['credit -2050 2026-03-11..2026-04-01']),
});

test('an unpaid period is not credited', decision, {
  given: [...active, [wake, '2026-04-01'], [declined(), '2026-04-01']],
  when: [cancel('now', 'prorate'), '2026-04-05'],
  happens: ['ended'],
  and: (t, { events, invoices }) => {
    t.is(invoices.length, 0);
    t.deepEqual(closesOf(events), [{ invoiceId: 'inv_sub_1_2', as: 'uncollectible' }]);
  },
});

test('the cancellation of a paused subscription credits the time that the pause extended', decision, {
  given: [...active, [pause('now', { credit: 'extend' }), '2026-03-11']],
  when: [cancel('now', 'prorate'), '2026-06-01'],
  happens: ['ended'],
  and: (t, outcome) => t.deepEqual(linesOf(outcome), ['credit -2100 2026-03-11..2026-04-01']),
});

test('after a pause that extended the period, the credit is for the rest of the extended period', decision, {
  given: [...active, [pause('now', { credit: 'extend' }), '2026-03-11'], [resume(), '2026-06-01']],
  when: [cancel('now', 'prorate'), '2026-06-11'],
  happens: ['ended'],
  and: (t, outcome) => t.is(outcome.invoices[0]?.lines[0]?.amount, -1100),
});

test('after a change, the credit is for the price of the new plan', decision, {
  given: [...active, [change(premium), '2026-03-11'], [paid, '2026-03-11']],
  when: [cancel('now', 'prorate'), '2026-03-22'],
  happens: ['ended'],
  and: (t, outcome) => t.deepEqual(linesOf(outcome), ['credit -2000 2026-03-22..2026-04-01']),
});

const refundsOf = ([event]: readonly SubscriptionEvent[]) =>
  event?.type === 'subscription.ended'
    ? event.refunds.map(({ amount, creditedInvoiceId, explanation: { rule } }) => `${amount} of ${creditedInvoiceId}: ${rule}`)
    : undefined;

test('a cancellation that refunds the unused time returns it as money, and grants no credit', decision, {
  given: active,
  when: [cancel('now', 'none', 'prorate'), '2026-03-11'],
  happens: ['ended'],
  and: (t, { events, invoices }) => {
    t.deepEqual(refundsOf(events), ['-2100 of inv_sub_1_1: unused-time']);
    t.is(invoices.length, 0);
  },
});

test('a cancellation that refunds in full returns the whole period, less what was returned before', decision, {
  given: [
    ...active,
    [
      { type: 'recordCreditNote', creditNoteId: 'cn_1', invoiceId: 'inv_sub_1_1', returned: [{ planId: 'plan_basic', amount: 100 }] },
      '2026-03-02',
    ],
  ],
  when: [cancel('now', 'none', 'full'), '2026-03-11'],
  happens: ['ended'],
  and: (t, { events }) => t.deepEqual(refundsOf(events), ['-3000 of inv_sub_1_1: whole-period-returned']),
});

test('a refund of a scheduled cancellation is made at its instant', decision, {
  given: [...active, [cancel(utc('2026-03-21'), 'none', 'prorate'), '2026-03-11']],
  when: [wake, '2026-03-21'],
  happens: ['ended'],
  and: (t, { events }) => t.deepEqual(refundsOf(events), ['-1100 of inv_sub_1_1: unused-time']),
});

test('an unpaid invoice is not refunded', decision, {
  given: [[start(), '2026-03-01']],
  when: [cancel('now', 'none', 'full'), '2026-03-01 10:00'],
  happens: ['ended'],
  and: (t, { events }) => t.deepEqual(refundsOf(events), []),
});
