import test from 'ava';
import { changedFields, resourceOf } from '../../../actors/subscription/rules/resource.ts';
import type { SubscriptionResource } from '../../../services/shared/contracts/subscription-resource.ts';
import {
  basic,
  cancel,
  change,
  declined,
  given,
  inArrears,
  method,
  paid,
  pause,
  type Step,
  start,
  terms,
  utc,
  wake,
  yearly,
} from '../../support/subscription-life.ts';

const active: Step[] = [
  [start(), '2026-03-01'],
  [paid, '2026-03-01'],
];
const shown = (...steps: Step[]): SubscriptionResource => {
  const { before } = given(...steps);
  if (!before) throw new Error('nothing was given');
  return resourceOf(before, null);
};

test('the resource of an active subscription has the fields of the contract', (t) => {
  t.deepEqual(shown(...active), {
    id: 'sub_1',
    status: 'active',
    customerId: 'cus_1',
    planId: 'plan_basic',
    planVersion: 1,
    quantity: 1,
    addOns: [],
    recurringAmount: { amount: 3100, currency: 'EUR' },
    endsAt: null,
    commitment: null,
    pendingCharges: [],
    price: { amount: 3100, currency: 'EUR' },
    currentPeriod: { start: utc('2026-03-01'), end: utc('2026-04-01') },
    nextBillingAt: utc('2026-04-01'),
    nextWake: { at: utc('2026-04-01'), reason: 'renewal' },
    trialEnd: null,
    cancelAt: null,
    cancelReason: null,
    pausedAt: null,
    endedAt: null,
    endReason: null,
    anchor: { day: 1 },
    timezone: 'UTC',
    scheduledChange: null,
    dunning: null,
    coupons: [],
    sequence: 3,
    testClock: null,
    interval: { unit: 'month', count: 1 },
    billing: 'advance',
    entitlements: {},
    createdAt: utc('2026-03-01'),
    paidThrough: utc('2026-04-01'),
  });
});

test('the resource names the test clock of the subscription', (t) => {
  const { before } = given(...active);
  t.is(before && resourceOf(before, 'tc_1').testClock, 'tc_1');
});

test('a trial is the current period, and is billed at its end', (t) => {
  const { currentPeriod, nextBillingAt, trialEnd } = shown([start({ trialDays: 7 }), '2026-03-01']);
  t.deepEqual(
    [currentPeriod, nextBillingAt, trialEnd],
    [{ start: utc('2026-03-01'), end: utc('2026-03-08') }, utc('2026-03-08'), utc('2026-03-08')],
  );
});

const nextBilling = test.macro((t, steps: readonly Step[], expected: string | null) => {
  t.is(shown(...steps).nextBillingAt, expected === null ? null : utc(expected));
});

test(
  'a trial without a payment method has no next billing',
  nextBilling,
  [[start({ trialDays: 7, hasPaymentMethod: false }), '2026-03-01']],
  null,
);
test(
  'a trial whose payment method was removed has no next billing',
  nextBilling,
  [
    [start({ trialDays: 7 }), '2026-03-01'],
    [method(false), '2026-03-02'],
  ],
  null,
);
test('a scheduled start is billed at its start', nextBilling, [[start({ startAt: utc('2026-05-01') }), '2026-03-01']], '2026-05-01');
test(
  'a scheduled trial is billed at its end',
  nextBilling,
  [[start({ startAt: utc('2026-05-01'), trialDays: 7 }), '2026-03-01']],
  '2026-05-08',
);
test('a subscription that ends with the period has no next billing', nextBilling, [...active, [cancel(), '2026-03-02']], null);
test(
  'a subscription that ends in a later period is billed before its end',
  nextBilling,
  [...active, [cancel(utc('2026-04-10')), '2026-03-02']],
  '2026-04-01',
);
const used = (changes: object = {}): Step => [start({ terms: inArrears(basic), ...changes }), '2026-03-01'];
test('in arrears, the current period is billed at its end', nextBilling, [used()], '2026-04-01');
test('in arrears, a trial is billed at the end of the period after it', nextBilling, [used({ trialDays: 7 })], '2026-04-08');
test('in arrears, a requested billing day ends the first period', nextBilling, [used({ anchor: { day: 11, month: null } })], '2026-03-11');
test('in arrears, the end of a subscription is billed', nextBilling, [used(), [cancel(utc('2026-03-10')), '2026-03-02']], '2026-03-10');
test('in arrears, a pause at the end of the period is billed', nextBilling, [used(), [pause('period-end'), '2026-03-02']], '2026-04-01');
test('in arrears, a pause without an end has no next billing', nextBilling, [used(), [pause(), '2026-03-02']], null);
test(
  'in arrears, a subscription that resumes is billed at the next end of a period',
  nextBilling,
  [used(), [pause('now', { until: utc('2026-03-20') }), '2026-03-02']],
  '2026-04-01',
);
test(
  'a subscription that pauses at the end of the period has no next billing',
  nextBilling,
  [...active, [pause('period-end'), '2026-03-02']],
  null,
);
test('a pause without an end has no next billing', nextBilling, [...active, [pause(), '2026-03-02']], null);
test(
  'a pause that ends after the period is billed when it resumes',
  nextBilling,
  [...active, [pause('now', { until: utc('2026-05-11') }), '2026-03-02']],
  '2026-05-11',
);
test(
  'a pause that ends within the period is billed at the end of the period',
  nextBilling,
  [...active, [pause('now', { until: utc('2026-03-11') }), '2026-03-02']],
  '2026-04-01',
);
test(
  'a pause that extends the period is billed when the extended time is used up',
  nextBilling,
  [...active, [pause('now', { until: utc('2026-05-11'), credit: 'extend' }), '2026-03-11']],
  '2026-06-01',
);
test('an ended subscription has no next billing', nextBilling, [...active, [cancel('now'), '2026-03-02']], null);

test('a yearly plan shows the month of its anchor too', (t) => {
  t.deepEqual(shown([start({ terms: terms('plan_year', 1000, yearly), anchor: { day: 1, month: 7 } }), '2026-03-01']).anchor, {
    day: 1,
    month: 7,
  });
});

test('the requested billing day is shown before billing starts', (t) => {
  t.deepEqual(shown([start({ anchor: { day: 15, month: null }, trialDays: 7 }), '2026-03-01']).anchor, { day: 15 });
  t.is(shown([start({ trialDays: 7 }), '2026-03-01']).anchor, null);
});

test('a scheduled change is shown with its new plan', (t) => {
  const { scheduledChange } = shown(...active, [change(terms('plan_cheap', 100)), '2026-03-02']);
  t.deepEqual(scheduledChange, { at: utc('2026-04-01'), planId: 'plan_cheap', planVersion: 1, quantity: 1, addOns: [] });
});

test('a failed invoice is shown as in dunning, also during a retry', (t) => {
  const failed: Step[] = [...active, [wake, '2026-04-01'], [declined(), '2026-04-01']];
  const dunning = { invoiceId: 'inv_sub_1_2', attempt: 1, nextRetryAt: utc('2026-04-02'), graceEndsAt: utc('2026-04-15') };
  t.deepEqual(shown(...failed).dunning, dunning);
  t.deepEqual(shown(...failed, [wake, '2026-04-02']).dunning, { ...dunning, nextRetryAt: null });
  t.is(shown(...failed, [paid, '2026-04-02']).dunning, null);
});

test('an ended subscription is no longer in dunning', (t) => {
  t.is(shown(...active, [wake, '2026-04-01'], [declined(), '2026-04-01'], [cancel('now'), '2026-04-01']).dunning, null);
});

test('a changed field is published with its former value', (t) => {
  const before = shown(...active);
  t.deepEqual(changedFields(before, shown(...active, [cancel(), '2026-03-02'])), {
    nextBillingAt: utc('2026-04-01'),
    nextWake: { at: utc('2026-04-01'), reason: 'renewal' },
    cancelAt: null,
    sequence: 3,
  });
  t.deepEqual(changedFields(before, before), {});
});
