import test from 'ava';
import { basic, declined, method, monthly, paid, premium, start, terms, utc, wake } from '../../support/subscription-life.ts';
import { decision, linesOf } from '../../support/subscription-table.ts';

test('a subscription that starts now is incomplete until its first invoice is paid', decision, {
  when: [start(), '2026-01-31 10:00'],
  happens: ['created', 'started'],
  status: 'incomplete',
  and: (t, outcome) => {
    t.deepEqual(linesOf(outcome), ['recurring 3100 2026-01-31..2026-02-28']);
    t.is(outcome.invoices[0]?.invoiceId, 'inv_sub_1_1');
    t.is(outcome.invoices[0]?.cause, 'first');
    t.is(outcome.state.paidThrough, null);
  },
});

test('the first payment activates the subscription through the end of the period', decision, {
  given: [[start(), '2026-01-31 10:00']],
  when: [paid, '2026-01-31 10:00:05'],
  happens: ['activated'],
  status: 'active',
  and: (t, { state }) => t.is(state.paidThrough, utc('2026-02-28 10:00')),
});

test('with a requested billing day the first invoice is a stub up to that day', decision, {
  when: [start({ terms: terms('plan_basic', 3500), anchor: { day: 15, month: null } }), '2024-03-01'],
  happens: ['created', 'started'],
  and: (t, outcome) => {
    t.deepEqual(linesOf(outcome), ['recurring 1690 2024-03-01..2024-03-15']);
    t.deepEqual(outcome.invoices[0]?.lines[0]?.explanation, {
      rule: 'partial-period',
      unit: 'day',
      numerator: 14,
      denominator: 29,
      base: 3500,
    });
  },
});

test('a repeated start changes nothing', decision, {
  given: [[start({ startAt: utc('2026-01-31') }), '2026-01-31']],
  when: [start({ startAt: utc('2026-01-31') }), '2026-02-20'],
  happens: [],
});

test('another start under the same id is refused', decision, {
  given: [[start(), '2026-01-31']],
  when: [start({ terms: premium }), '2026-01-31'],
  refused: ['already-exists'],
});

test('a start with another policy is another start', decision, {
  given: [[start(), '2026-01-31']],
  when: [start({ policy: { ...start().policy, graceDays: 15 } }), '2026-01-31'],
  refused: ['already-exists'],
});

test('a quantity that the plan does not sell is refused, with a pointer to the field', decision, {
  when: [start({ terms: { ...basic, quantity: 11 } }), '2026-01-31'],
  refused: ['quantity-out-of-range', '/quantity'],
});

const costly = { ...basic.plan, price: { ...basic.plan.price, amount: 1_000_000_000_000 }, maxQuantity: 1_000_000 };

test('a quantity at which a period costs more than can be counted exactly is refused, with a pointer', decision, {
  when: [start({ terms: { ...basic, plan: costly, quantity: 1_000_000 } }), '2026-01-31'],
  refused: ['quantity-out-of-range', '/quantity'],
});

test('add-ons that together cost more than can be counted exactly are refused, with a pointer to the first too many', decision, {
  when: [
    start({
      terms: { ...basic, addOns: ['a', 'b', 'c'].map((name) => ({ plan: { ...costly, planId: `plan_${name}` }, quantity: 2_000 })) },
    }),
    '2026-01-31',
  ],
  refused: ['quantity-out-of-range', '/addOns/2/quantity'],
});

test('a command other than a start is refused before the start', decision, {
  when: [wake, '2026-01-31'],
  refused: ['subscription-not-found'],
});

test('a start in the future is only scheduled', decision, {
  when: [start({ startAt: utc('2026-03-01') }), '2026-01-31'],
  happens: ['created'],
  status: 'scheduled',
});

test('a scheduled subscription starts at its instant', decision, {
  given: [[start({ startAt: utc('2026-03-01') }), '2026-01-31']],
  when: [wake, '2026-03-01'],
  happens: ['started'],
  status: 'incomplete',
});

test('a scheduled subscription does not start early', decision, {
  given: [[start({ startAt: utc('2026-03-01') }), '2026-01-31']],
  when: [wake, '2026-02-28 23:59:59'],
  happens: [],
  status: 'scheduled',
});

test('a start in the past begins at that instant, with one invoice at a time', decision, {
  when: [start({ startAt: utc('2025-11-30') }), '2026-01-31'],
  happens: ['created', 'started'],
  and: (t, outcome) => t.deepEqual(linesOf(outcome), ['recurring 3100 2025-11-30..2025-12-30']),
});

test('a start in the past continues with the next due period as soon as one is paid', decision, {
  given: [[start({ startAt: utc('2025-11-30') }), '2026-01-31']],
  when: [paid, '2026-01-31'],
  happens: ['activated', 'renewal-due'],
  and: (t, outcome) => t.deepEqual(linesOf(outcome), ['recurring 3100 2025-12-30..2026-01-30']),
});

test('a free plan is active immediately, without a payment', decision, {
  when: [start({ terms: terms('plan_free', 0), hasPaymentMethod: false }), '2026-01-31'],
  happens: ['created', 'started', 'activated'],
  status: 'active',
  and: (t, { state }) => t.deepEqual(state.openInvoices, []),
});

test('a trial makes no invoice and lasts local calendar days, at the same time of day', decision, {
  when: [start({ trialDays: 14, timezone: 'Europe/Berlin' }), '2026-03-20 09:00'],
  happens: ['created', 'trial-started'],
  status: 'trialing',
  and: (t, { state }) => t.is(state.trialEnd, utc('2026-04-03 08:00')),
});

test('when a trial ends billing starts, and access does not wait for the payment', decision, {
  given: [[start({ trialDays: 14 }), '2026-03-20 09:00']],
  when: [wake, '2026-04-03 09:00:07'],
  happens: ['started'],
  status: 'active',
  and: (t, outcome) => {
    t.deepEqual(linesOf(outcome), ['recurring 3100 2026-04-03..2026-05-03']);
    t.is(outcome.state.period?.start, utc('2026-04-03 09:00'));
  },
});

test('a failed first payment after a trial makes the subscription past due, not incomplete', decision, {
  given: [
    [start({ trialDays: 14 }), '2026-03-20 09:00'],
    [wake, '2026-04-03 09:00'],
  ],
  when: [declined(), '2026-04-03 09:00:05'],
  happens: ['payment-failed'],
  status: 'past-due',
  and: (t, { state }) => t.is(state.openInvoices[0]?.retryAt, utc('2026-04-04 09:00:05')),
});

test('a trial without a payment method expires, without an invoice', decision, {
  given: [[start({ trialDays: 14, hasPaymentMethod: false }), '2026-03-20 09:00']],
  when: [wake, '2026-04-03 09:00'],
  happens: ['ended'],
  status: 'expired',
  and: (t, { state, invoices }) =>
    t.deepEqual([state.endReason, state.endedAt, invoices.length], ['trial-without-payment-method', utc('2026-04-03 09:00'), 0]),
});

test('a trial that gets a payment method is billed at its end', decision, {
  given: [
    [start({ trialDays: 14, hasPaymentMethod: false }), '2026-03-20 09:00'],
    [method(true), '2026-03-25'],
  ],
  when: [wake, '2026-04-03 09:00'],
  happens: ['started'],
});

test('a trial with a requested billing day bills the stub from its end', decision, {
  given: [[start({ trialDays: 7, terms: terms('plan_m', 3500, monthly), anchor: { day: 1, month: null } }), '2024-03-04 21:00']],
  when: [wake, '2024-03-11 22:00'],
  happens: ['started'],
  and: (t, outcome) => t.deepEqual(linesOf(outcome), ['recurring 2371 2024-03-11..2024-04-01']),
});

test('a subscription without its first payment expires after 23 hours, and the invoice is void', decision, {
  given: [
    [start(), '2026-01-31 10:00'],
    [declined(), '2026-01-31 10:00:05'],
  ],
  when: [wake, '2026-02-01 09:00'],
  happens: ['ended'],
  status: 'incomplete-expired',
  and: (t, { events }) => {
    const [ended] = events;
    t.deepEqual(ended?.type === 'subscription.ended' && ended.closes, [{ invoiceId: 'inv_sub_1_1', as: 'void' }]);
  },
});

test('a subscription does not expire a second before the 23 hours', decision, {
  given: [
    [start(), '2026-01-31 10:00'],
    [declined(), '2026-01-31 10:00:05'],
  ],
  when: [wake, '2026-02-01 08:59:59'],
  happens: [],
  status: 'incomplete',
});

test('a subscription does not expire while the first attempt is under way', decision, {
  given: [[start(), '2026-01-31 10:00']],
  when: [wake, '2026-02-01 10:00'],
  happens: [],
  status: 'incomplete',
});

test('a first attempt that fails after 23 hours was the last', decision, {
  given: [[start(), '2026-01-31 10:00']],
  when: [declined(), '2026-02-01 10:00'],
  happens: ['payment-failed', 'ended'],
  status: 'incomplete-expired',
});
