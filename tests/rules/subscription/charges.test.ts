import test from 'ava';
import type { SubscriptionCommand } from '../../../actors/subscription/rules/subscription.ts';
import {
  basic,
  cancel,
  change,
  declined,
  paid,
  premium,
  type Step,
  start,
  terms,
  utc,
  wake,
  yearly,
} from '../../support/subscription-life.ts';
import { decision, linesOf } from '../../support/subscription-table.ts';

const film = (invoiceNow: boolean, amount = 499): SubscriptionCommand => ({
  type: 'charge',
  chargeId: 'charge_1',
  description: 'A film',
  amount,
  invoiceNow,
});
const anchorOn = (day: number, month: number | null = null): SubscriptionCommand => ({ type: 'changeAnchor', day, month });
const active: Step[] = [
  [start(), '2026-03-01'],
  [paid, '2026-03-01'],
];

test('a one-off charge waits for the next invoice', decision, {
  given: [...active, [film(false), '2026-03-10']],
  when: [wake, '2026-04-01'],
  happens: ['renewal-due'],
  and: (t, outcome) => {
    t.deepEqual(linesOf(outcome), ['recurring 3100 2026-04-01..2026-05-01', 'one-off 499 2026-04-01..2026-04-01']);
    t.deepEqual(outcome.state.pendingCharges, []);
  },
});

test('a one-off charge can be invoiced immediately', decision, {
  given: active,
  when: [film(true), '2026-03-10'],
  happens: ['charge-added'],
  and: (t, outcome) => t.deepEqual(linesOf(outcome), ['one-off 499 2026-03-10..2026-03-10']),
});

test('the payment of a one-off charge leaves the paid period as it is', decision, {
  given: [...active, [film(true), '2026-03-10']],
  when: [paid, '2026-03-10'],
  happens: ['payment-recorded'],
  and: (t, { state }) => t.is(state.paidThrough, utc('2026-04-01')),
});

test('a repeated one-off charge is recognised after it was billed', decision, {
  given: [...active, [film(true), '2026-03-10'], [paid, '2026-03-10']],
  when: [film(true), '2026-03-11'],
  happens: [],
});

test('a one-off charge in a trial cannot be invoiced immediately', decision, {
  given: [[start({ trialDays: 7 }), '2026-03-01']],
  when: [film(true), '2026-03-03'],
  refused: ['wrong-status', '/invoiceNow'],
});

test('a pending charge is billed when the customer cancels', decision, {
  given: [...active, [film(false), '2026-03-10']],
  when: [cancel('now'), '2026-03-12'],
  happens: ['ended'],
  and: (t, outcome) => t.deepEqual(linesOf(outcome), ['one-off 499 2026-03-12..2026-03-12']),
});

test('a pending charge is billed when a fixed term ends', decision, {
  given: [
    [start({ endsAt: utc('2026-03-20') }), '2026-03-01'],
    [paid, '2026-03-01'],
    [film(false), '2026-03-10'],
  ],
  when: [wake, '2026-03-20'],
  happens: ['ended'],
  and: (t, outcome) => t.deepEqual(linesOf(outcome), ['one-off 499 2026-03-20..2026-03-20']),
});

test('a pending charge is not billed when the subscription ends for want of payment', decision, {
  given: [...active, [wake, '2026-04-01'], [declined('hard'), '2026-04-01'], [film(false), '2026-04-02']],
  when: [wake, '2026-05-01'],
  happens: ['ended'],
  and: (t, outcome) => t.deepEqual(linesOf(outcome), []),
});

test('a new billing day begins at the end of the period, with a stub up to it', decision, {
  given: [...active, [anchorOn(10), '2026-03-05']],
  when: [wake, '2026-04-01'],
  happens: ['changed', 'renewal-due'],
  and: (t, outcome) => {
    t.deepEqual(linesOf({ ...outcome, invoices: outcome.invoices.slice(-1) }), ['recurring 900 2026-04-01..2026-04-10']);
    t.is(outcome.state.anchor?.day, 10);
  },
});

test('a yearly plan moves its billing day with a stub of days', decision, {
  given: [
    [start({ terms: terms('plan_year', 239_995, yearly), anchor: { day: 1, month: null } }), '2016-05-01'],
    [paid, '2016-05-01'],
    [anchorOn(10), '2016-05-01'],
  ],
  when: [wake, '2017-05-01'],
  happens: ['changed', 'renewal-due'],
  and: (t, outcome) => t.deepEqual(linesOf(outcome), ['recurring 5918 2017-05-01..2017-05-10']),
});

test('an immediate change of plan applies the new billing day immediately', decision, {
  given: [
    [start({ terms: terms('plan_a', 24_995), anchor: { day: 1, month: null } }), '2016-05-01'],
    [paid, '2016-05-01'],
    [anchorOn(10), '2016-05-01'],
  ],
  when: [change(terms('plan_b', 59_995)), '2016-05-05'],
  happens: ['changed', 'payment-recorded'],
  and: (t, outcome) => {
    t.deepEqual(linesOf(outcome), ['credit -21770 2016-05-05..2016-06-01', 'recurring 9999 2016-05-05..2016-05-10']);
    t.is(outcome.state.nextAnchor, null);
  },
});

test('before billing starts, a new billing day moves the start of billing', decision, {
  given: [[start({ trialDays: 10 }), '2026-03-01']],
  when: [anchorOn(20), '2026-03-02'],
  happens: ['anchor-change-scheduled'],
  and: (t, { state }) => t.deepEqual(state.requestedAnchor, { day: 20, month: null }),
});

test('a change can be scheduled for an instant within the period', decision, {
  given: [...active, [change(premium, { when: utc('2026-03-17') }), '2026-03-05']],
  when: [wake, '2026-03-17'],
  happens: ['changed'],
  and: (t, outcome) => t.deepEqual(linesOf(outcome), ['credit -1500 2026-03-17..2026-04-01', 'recurring 3000 2026-03-17..2026-04-01']),
});

test('a scheduled change can be withdrawn', decision, {
  given: [...active, [change(premium, { when: 'period-end' }), '2026-03-05']],
  when: [{ type: 'change', terms: basic, proration: 'prorate' }, '2026-03-06'],
  happens: ['change-withdrawn'],
});

test('the withdrawal of a change is refused where none is scheduled', decision, {
  given: active,
  when: [{ type: 'withdrawChange' }, '2026-03-06'],
  refused: ['nothing-scheduled'],
});

test('an ended subscription is reactivated without a trial, and its periods count on', decision, {
  given: [...active, [cancel('now'), '2026-03-12']],
  when: [{ type: 'reactivate', terms: null, hasPaymentMethod: true }, '2026-04-20'],
  happens: ['reactivated', 'started'],
  status: 'incomplete',
  and: (t, outcome) => {
    t.deepEqual(linesOf(outcome), ['recurring 3100 2026-04-20..2026-05-20']);
    t.is(outcome.invoices[0]?.invoiceId, 'inv_sub_1_2');
    t.is(outcome.state.endedAt, null);
  },
});

test('a subscription that has not ended cannot be reactivated', decision, {
  given: active,
  when: [{ type: 'reactivate', terms: null, hasPaymentMethod: true }, '2026-03-12'],
  refused: ['wrong-status'],
});
