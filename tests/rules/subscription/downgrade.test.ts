import test from 'ava';
import { defaultRetryPolicy } from '../../../actors/subscription/rules/retry-policy.ts';
import type { Terms } from '../../../actors/subscription/rules/subscription.ts';
import { basic, declined, given, liveThrough, paid, start, terms, utc, wake } from '../../support/subscription-life.ts';

const free = terms('plan_free', 0);
const ads = terms('plan_ads', 300);
const downgrading = (to: Terms, changes = {}) =>
  start({ policy: { ...defaultRetryPolicy, finalAction: 'downgrade', downgradeTo: to }, ...changes });
const failsForEver = (at: string) => at < '2026-02-15';

test('a free plan begins at the end of the grace period, in the turn that gives up the unpaid invoice', (t) => {
  const pastDue = [
    [downgrading(free), '2026-01-15'],
    [paid, '2026-01-15'],
    [wake, '2026-02-15'],
    [declined('hard'), '2026-02-15'],
    [wake, '2026-02-22'],
  ] as const;
  const { state, events } = given(...pastDue)
    .when(wake, '2026-03-01')
    .happens(t, 'ended', 'reactivated', 'started', 'activated');
  t.like(events[0], { reason: 'payment-failed', closes: [{ invoiceId: 'inv_sub_1_2', as: 'uncollectible' }] });
  t.like(state, { status: 'active', endedAt: null, terms: free, suspendedAt: null, openInvoices: { length: 0 } });
  t.deepEqual(state.period, { start: utc('2026-03-01'), end: utc('2026-04-01'), number: 3 });
});

test('a cheaper paid plan is billed immediately', (t) => {
  const { state, happened } = liveThrough([[downgrading(ads), '2026-01-15']], '2026-03-20', (at) => failsForEver(at) || at >= '2026-03-01');
  t.is(state.status, 'active');
  const last = happened.findLast(({ event }) => event.type === 'subscription.started')?.event;
  t.true(last?.type === 'subscription.started' && last.invoice?.lines[0]?.amount === 300);
});

test('a subscription that does not pay for the cheaper plan either is not downgraded a second time', (t) => {
  const { state, happened } = liveThrough([[downgrading(ads), '2026-01-15']], '2026-06-20', failsForEver);
  t.is(state.status, 'incomplete-expired');
  t.is(happened.filter(({ event }) => event.type === 'subscription.reactivated').length, 1);
});

test('the cheaper plan keeps the dunning policy, and the subscription ends when it is not paid later', (t) => {
  const pays = (at: string) => failsForEver(at) || (at >= '2026-03-01' && at < '2026-04-01');
  const { state } = liveThrough([[downgrading(ads), '2026-01-15']], '2026-06-20', pays);
  t.like(state, { status: 'cancelled', endReason: 'payment-failed' });
});

test('a fixed term that is not paid ends', (t) => {
  const { state } = liveThrough([[downgrading(free, { endsAt: utc('2026-12-15') }), '2026-01-15']], '2026-03-20', failsForEver);
  t.like(state, { status: 'cancelled', endReason: 'payment-failed', terms: basic });
});

test('a downgrade to an unknown plan, or in another currency, is refused at the start', (t) => {
  const refused = (policy: object, code: string) =>
    given()
      .when(start({ policy: { ...defaultRetryPolicy, ...policy } }), '2026-01-15')
      .isRefused(t, code, '/policy/downgradeTo');
  refused({ finalAction: 'downgrade' }, 'downgrade-missing');
  refused({ finalAction: 'downgrade', downgradeTo: terms('plan_free', 0, undefined, 1, 'USD') }, 'currency-mismatch');
});
