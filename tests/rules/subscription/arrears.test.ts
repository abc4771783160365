import test from 'ava';
import { defaultRetryPolicy } from '../../../actors/subscription/rules/retry-policy.ts';
import type { SubscriptionCommand, Terms } from '../../../actors/subscription/rules/subscription.ts';
import {
  basic,
  cancel,
  declined,
  given,
  inArrears,
  liveThrough,
  method,
  paid,
  type Step,
  start,
  terms,
  utc,
  wake,
} from '../../support/subscription-life.ts';
import { decision, linesOf } from '../../support/subscription-table.ts';

const used = inArrears(basic);

const active: Step[] = [[start({ terms: used }), '2026-03-01']];

const how = (command: SubscriptionCommand, options: object) => ({ ...command, ...options }) as SubscriptionCommand;

test('a subscription in arrears is active when it starts, without an invoice and without a payment method', decision, {
  when: [start({ terms: used, hasPaymentMethod: false }), '2026-03-01'],
  happens: ['created', 'started'],
  status: 'active',
  and: (t, { state, invoices }) => {
    t.deepEqual([invoices.length, state.paidThrough, state.openInvoices.length], [0, null, 0]);
    t.like(state.period, { start: utc('2026-03-01'), end: utc('2026-04-01'), number: 1 });
  },
});

test('a period in arrears is billed when it has ended, under its own number, and the next one begins', decision, {
  given: active,
  when: [wake, '2026-04-01'],
  happens: ['renewal-due'],
  status: 'active',
  and: (t, outcome) => {
    t.deepEqual(linesOf(outcome), ['recurring 3100 2026-03-01..2026-04-01']);
    t.like(outcome.invoices[0], { invoiceId: 'inv_sub_1_1', cause: 'renewal' });
    t.like(outcome.state.period, { start: utc('2026-04-01'), end: utc('2026-05-01'), number: 2 });
  },
});

test('after the payment of a period in arrears, the subscription is paid through the end of that period', decision, {
  given: [...active, [wake, '2026-04-01']],
  when: [paid, '2026-04-01'],
  happens: ['renewed'],
  and: (t, { state }) => t.is(state.paidThrough, utc('2026-04-01')),
});

test('a period that costs nothing is settled immediately', decision, {
  given: [[start({ terms: inArrears(terms('plan_free', 0)) }), '2026-03-01']],
  when: [wake, '2026-04-01'],
  happens: ['renewal-due', 'renewed'],
});

test('a stub up to the requested billing day costs its share', decision, {
  given: [[start({ terms: used, anchor: { day: 11, month: null } }), '2026-03-01']],
  when: [wake, '2026-03-11'],
  happens: ['renewal-due'],
  and: (t, outcome) => t.deepEqual(linesOf(outcome), ['recurring 1107 2026-03-01..2026-03-11']),
});

test('one-off charges wait for the end of the period', decision, {
  given: [...active, [{ type: 'charge', chargeId: 'film', description: 'Film', amount: 499, invoiceNow: false }, '2026-03-10']],
  when: [wake, '2026-04-01'],
  happens: ['renewal-due'],
  and: (t, outcome) => t.deepEqual(linesOf(outcome), ['recurring 3100 2026-03-01..2026-04-01', 'one-off 499 2026-04-01..2026-04-01']),
});

test('an introductory price applies to the periods that it is for', (t) => {
  const introduced: Terms = { ...used, plan: { ...used.plan, phases: [{ periods: 2, amount: 100 }] } };
  const { happened } = liveThrough([[start({ terms: introduced }), '2026-03-01']], '2026-06-01');
  t.deepEqual(
    happened.flatMap(({ event }) => ('invoice' in event && event.invoice ? event.invoice.lines.map(({ amount }) => amount) : [])),
    [100, 100, 3100],
  );
});

test('after a trial nothing is invoiced until the first period has ended', (t) => {
  const { happened, state } = liveThrough([[start({ terms: used, trialDays: 7 }), '2026-03-01']], '2026-04-08');
  t.deepEqual(
    happened.flatMap(({ at, event }) => ('invoice' in event && event.invoice ? [[at, event.invoice.period]] : [])),
    [[utc('2026-04-08'), { start: utc('2026-03-08'), end: utc('2026-04-08') }]],
  );
  t.is(state.status, 'active');
});

test('an immediate cancellation bills the used time', decision, {
  given: active,
  when: [cancel('now'), '2026-03-11'],
  happens: ['ended'],
  status: 'cancelled',
  and: (t, outcome) => {
    t.deepEqual(linesOf(outcome), ['recurring 1000 2026-03-01..2026-03-11']);
    t.is(outcome.invoices[0]?.cause, 'cancellation');
  },
});

test('a cancellation can bill the whole last period', decision, {
  given: active,
  when: [how(cancel('now'), { lastPeriod: 'full' }), '2026-03-11'],
  happens: ['ended'],
  and: (t, outcome) => t.deepEqual(linesOf(outcome), ['recurring 3100 2026-03-01..2026-04-01']),
});

test('a cancellation can count its own day as used', decision, {
  given: active,
  when: [how(cancel('now'), { lastDay: 'included' }), '2026-03-11 15:00'],
  happens: ['ended'],
  and: (t, outcome) => t.deepEqual(linesOf(outcome), ['recurring 1100 2026-03-01..2026-03-12']),
});

test('the bill that a scheduled cancellation announces is the bill at its time', decision, {
  given: [...active, [how(cancel(utc('2026-03-11')), { lastPeriod: 'full' }), '2026-03-02']],
  when: [wake, '2026-03-11'],
  happens: ['ended'],
  and: (t, outcome) => t.deepEqual(linesOf(outcome), ['recurring 3100 2026-03-01..2026-04-01']),
});

test('a cancellation at the end of the period bills that period once, on one last invoice', decision, {
  given: [...active, [cancel(), '2026-03-11']],
  when: [wake, '2026-04-01'],
  happens: ['ended'],
  status: 'cancelled',
  and: (t, outcome) => t.deepEqual(linesOf(outcome), ['recurring 3100 2026-03-01..2026-04-01']),
});

test('a fixed term bills its last period when the term ends', decision, {
  given: [[start({ terms: used, endsAt: utc('2026-03-11') }), '2026-03-01']],
  when: [wake, '2026-03-11'],
  happens: ['ended'],
  status: 'expired',
  and: (t, outcome) => t.deepEqual(linesOf(outcome), ['recurring 1000 2026-03-01..2026-03-11']),
});

test('a commitment that is left early costs its fee in addition to the used time', decision, {
  given: [[start({ terms: { ...used, plan: { ...used.plan, commitment: { periods: 2, exitFee: 900 } } } }), '2026-03-01']],
  when: [cancel('now'), '2026-03-11'],
  happens: ['ended'],
  and: (t, outcome) => t.deepEqual(linesOf(outcome), ['recurring 1000 2026-03-01..2026-03-11', 'one-off 900 2026-03-11..2026-03-11']),
});

test('a subscription in advance has no last period to bill', decision, {
  given: [[start(), '2026-03-01']],
  when: [how(cancel('now'), { lastPeriod: 'full' }), '2026-03-11'],
  refused: ['billing-mode-mismatch', '/lastPeriod'],
});

test('a cancellation in advance can count its own day as used too', decision, {
  given: [
    [start(), '2026-03-01'],
    [paid, '2026-03-01'],
  ],
  when: [how(cancel('now', 'prorate'), { lastDay: 'included' }), '2026-03-11'],
  happens: ['ended'],
  and: (t, outcome) => t.deepEqual(linesOf(outcome), ['credit -2000 2026-03-12..2026-04-01']),
});

const patient = { ...defaultRetryPolicy, suspendAfterDays: 7, graceDays: 60 };

const suspended: Step[] = [
  [start({ terms: used, policy: patient }), '2026-03-01'],
  [wake, '2026-04-01'],
  [declined('hard'), '2026-04-01'],
  [wake, '2026-04-08'],
];

test('time without access is left out of the bill', (t) => {
  const recovered = given(...suspended).when(paid, '2026-04-21');
  recovered.happens(t, 'recovered');
  t.is(recovered.invoices.length, 0);
  t.deepEqual(linesOf(given(...suspended, [paid, '2026-04-21']).when(wake, '2026-05-01')), [
    'recurring 723 2026-04-01..2026-04-08',
    'recurring 1033 2026-04-21..2026-05-01',
  ]);
});

test('a payment after the end of the period bills the used time of that period, and begins a stub', decision, {
  given: suspended,
  when: [paid, '2026-05-03'],
  happens: ['recovered'],
  status: 'active',
  and: (t, outcome) => {
    t.deepEqual(linesOf(outcome), ['recurring 723 2026-04-01..2026-04-08']);
    t.like(outcome.state.period, { start: utc('2026-05-03'), end: utc('2026-06-01'), number: 3 });
  },
});

test('a subscription that is never paid is billed for the used time at the end of its grace period', (t) => {
  const { happened } = liveThrough([...active], '2026-08-01', () => false);
  const last = happened.at(-1)?.event;
  t.true(last?.type === 'subscription.ended' && last.reason === 'payment-failed' && last.invoice !== null);
});

test('without a payment method, the first bill waits for one', decision, {
  given: [
    [start({ terms: used, hasPaymentMethod: false }), '2026-03-01'],
    [wake, '2026-04-01'],
    [declined('no-payment-method'), '2026-04-01'],
  ],
  when: [method(true), '2026-04-02'],
  happens: ['payment-method-recorded', 'retry-due'],
  status: 'past-due',
});

test('a reactivated subscription is billed at the end of its first period', decision, {
  given: [...active, [cancel('now'), '2026-03-11'], [{ type: 'reactivate', terms: null, hasPaymentMethod: true }, '2026-03-21']],
  when: [wake, '2026-04-21'],
  happens: ['renewal-due'],
  and: (t, outcome) => t.deepEqual(linesOf(outcome), ['recurring 3100 2026-03-21..2026-04-21']),
});

test('a cancellation after the end of a fixed term bills nothing beyond the term', decision, {
  given: [[start({ terms: used, endsAt: utc('2026-03-11') }), '2026-03-01']],
  when: [cancel('now'), '2026-03-21'],
  happens: ['ended'],
  and: (t, outcome) => t.deepEqual(linesOf(outcome), ['recurring 1000 2026-03-01..2026-03-11']),
});

test('a payment after the end of both period and fixed term bills only the used time', (t) => {
  const [begun, ...failed] = suspended;
  const [command] = begun as Step;
  const first: Step = [how(command as SubscriptionCommand, { endsAt: utc('2026-05-11') }), '2026-03-01'];
  const { state, invoices } = given(first, ...failed).when(paid, '2026-06-01');
  t.is(state.status, 'expired');
  t.deepEqual(
    invoices.flatMap(({ lines }) => lines.map(({ amount }) => amount)),
    [723],
  );
});

test('every span without access in a period is left out of the bill', (t) => {
  const often: Step[] = [
    ...suspended,
    [paid, '2026-04-11'],
    [{ type: 'charge', chargeId: 'film', description: 'Film', amount: 499, invoiceNow: true }, '2026-04-12'],
    [declined('hard'), '2026-04-12'],
    [wake, '2026-04-19'],
    [paid, '2026-04-21'],
  ];
  t.deepEqual(linesOf(given(...often).when(wake, '2026-05-01')), [
    'recurring 723 2026-04-01..2026-04-08',
    'recurring 827 2026-04-11..2026-04-19',
    'recurring 1033 2026-04-21..2026-05-01',
  ]);
});
