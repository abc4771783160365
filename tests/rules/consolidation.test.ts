import test from 'ava';
import {
  afterUpdate,
  closedWith,
  consolidationIdOf,
  type HeldRequest,
  isOver,
  newConsolidation,
  type RenewalConsolidation,
  type SubscriptionUpdate,
  withoutExpected,
  withRenewal,
} from '../../services/invoicing/consolidation/consolidation.ts';
import type { InvoiceRequest, SubscriptionEventData } from '../../services/invoicing/subscription-events.ts';
import type { MarqueeEvent } from '../../services/shared/events.ts';
import { plusMillis } from '../../services/shared/time.ts';
import { renewalOf } from '../../services/subscription/renewals.ts';
import { noon, renewalDue } from '../support/money-events.ts';

const berlin = 'Europe/Berlin';
const evening = '2026-01-31T20:00:00.000Z';

function held(subscriptionId: string, { time = noon, start = noon } = {}): HeldRequest {
  const { data, ...event } = renewalDue({ subscriptionId, time }) as MarqueeEvent<SubscriptionEventData>;
  const request = data.invoice as InvoiceRequest;
  return { asking: { ...event, data }, request: { ...request, period: { ...request.period, start } } };
}

/** The group as it is after these have asked, the first of them when `expected` were to come. */
const collecting = (expected: readonly string[], ...asked: readonly HeldRequest[]): RenewalConsolidation =>
  asked.reduce(
    (group, request) => ({ ...withRenewal(group, request, expected), revision: 1 }),
    newConsolidation(held('sub_1'), berlin, noon),
  );

const happening = (id: string, changes: Partial<SubscriptionUpdate> = {}): SubscriptionUpdate => ({
  event: `${id}:9`,
  at: evening,
  id,
  closes: [],
  ...changes,
});

test('a group is of one customer, currency, tax behaviour and day of the customer’s calendar', (t) => {
  const late = newConsolidation(held('sub_1', { start: '2026-01-31T23:30:00.000Z' }), berlin, noon);

  t.is(late.day, '2026-02-01', 'half past midnight in Berlin');
  t.is(late._id, consolidationIdOf({ customerId: 'cus_1', currency: 'EUR', taxBehaviour: 'inclusive', day: '2026-02-01' }));
  t.not(late._id, consolidationIdOf({ ...late, currency: 'USD' }));
  t.not(late._id, consolidationIdOf({ ...late, taxBehaviour: 'exclusive' }));
});

test('it collects until all that were expected have asked, and ends with the last of them', (t) => {
  const first = collecting(['sub_1', 'sub_2', 'sub_3'], held('sub_1'));
  t.like(first, { status: 'collecting', expected: ['sub_2', 'sub_3'], closedAt: null });

  const last = collecting(['sub_1', 'sub_2', 'sub_3'], held('sub_1'), held('sub_3', { time: evening }), held('sub_2'));
  t.like(last, { status: 'closing', expected: [], closedAt: evening });
  t.is(last.requests.length, 3);
});

test('whoever was not expected joins while it collects', (t) => {
  t.like(collecting(['sub_2'], held('sub_1'), held('sub_4')), { status: 'collecting', expected: ['sub_2'], requests: { length: 2 } });
});

test('where nobody else is expected it is complete at once, and nobody joins it any more', (t) => {
  const alone = collecting(['sub_1'], held('sub_1'));

  t.is(alone.status, 'closing');
  t.is(withRenewal(alone, held('sub_2'), []), alone);
});

test('a repeated request changes nothing', (t) => {
  const group = collecting(['sub_2'], held('sub_1'));

  t.is(withRenewal(group, held('sub_1'), []), group);
});

test('an expectation counts only from the first', (t) => {
  const group = collecting(['sub_2', 'sub_3'], held('sub_1'));

  t.deepEqual(withRenewal(group, held('sub_2'), ['sub_4']).expected, ['sub_3']);
});

for (const [what, billing] of [
  ['will not bill any more', { status: 'active', nextBillingAt: null }],
  ['has ended', { status: 'cancelled' }],
  ['is past due', { status: 'past-due', nextBillingAt: noon }],
  ['bills the next day, though it is the same one in UTC', { status: 'active', nextBillingAt: '2026-01-31T23:00:00.000Z' }],
] as const)
  test(`one that ${what} is not waited for`, (t) => {
    const group = collecting(['sub_2'], held('sub_1'));

    t.like(afterUpdate(group, happening('sub_2', billing)), { status: 'closing', closedBy: 'sub_2:9', closedAt: evening });
  });

test('one that changed and still bills that day is waited for', (t) => {
  const group = collecting(['sub_2'], held('sub_1'));

  t.is(afterUpdate(group, happening('sub_2', { status: 'active', nextBillingAt: evening })), group);
});

test('what happens to one that is not expected, or has asked, changes nothing', (t) => {
  const group = collecting(['sub_2'], held('sub_1'));

  t.is(afterUpdate(group, happening('sub_1', { status: 'active', nextBillingAt: '2026-02-28T12:00:00.000Z' })), group);
  t.is(afterUpdate(group, happening('sub_9', { status: 'cancelled' })), group);
});

test('to close a held invoice ends the collecting; to close another does not', (t) => {
  const group = collecting(['sub_2'], held('sub_1'));

  t.is(afterUpdate(group, happening('sub_1', { closes: ['inv_sub_1_1'] })).status, 'closing');
  t.is(afterUpdate(group, happening('sub_1', { closes: ['inv_sub_1_0'] })), group);
});

test('once it has ended nothing moves it', (t) => {
  const group = closedWith(collecting(['sub_2', 'sub_3'], held('sub_1')), 'day-over', evening);

  t.is(afterUpdate(group, happening('sub_2', { status: 'cancelled' })), group);
  t.is(withoutExpected(group, ['sub_2'], 'asked-again', evening), group);
  t.is(closedWith(group, 'another', noon), group);
});

test('the end is never before the latest request', (t) => {
  const group = collecting(['sub_2', 'sub_3'], held('sub_1', { time: evening }));

  t.is(closedWith(group, 'day-over', noon).closedAt, evening);
});

test('its day is over two hours after its midnight, but never before a quarter of an hour has passed', (t) => {
  const group = collecting(['sub_2'], held('sub_1'));

  t.false(isOver(group, '2026-02-01T00:59:59.999Z'));
  t.true(isOver(group, '2026-02-01T01:00:00.000Z'));
  const late = { ...group, createdAt: '2026-02-03T12:00:00.000Z' };
  t.false(isOver(late, plusMillis(late.createdAt, 14 * 60_000)));
  t.true(isOver(late, plusMillis(late.createdAt, 15 * 60_000)));
});

const question = { customerId: 'cus_1', day: '2026-01-31', timezone: berlin, currency: 'EUR', taxBehaviour: 'inclusive' };
const row = { _id: 'sub_2', status: 'active', nextBillingAt: evening, price: { amount: 500, currency: 'EUR' } } as const;
const renewal = { invoiceId: 'inv_sub_2_1', start: noon, currency: 'EUR', taxBehaviour: 'inclusive' };

test('a subscription renews on a day that its next billing is on, or for which it has asked', (t) => {
  t.deepEqual(renewalOf(row, question), { subscriptionId: 'sub_2', invoiceId: null });
  const done = { ...row, nextBillingAt: '2026-02-28T12:00:00.000Z', renewal };
  t.deepEqual(renewalOf(done, question), { subscriptionId: 'sub_2', invoiceId: 'inv_sub_2_1' });
});

for (const [what, changes] of [
  ['bills on another day', { nextBillingAt: '2026-01-31T23:00:00.000Z' }],
  ['bills in another currency', { price: { amount: 500, currency: 'USD' } }],
  ['has a payment that failed', { status: 'past-due' }],
  ['is in its trial, whose end makes a first invoice', { status: 'trialing' }],
  ['has asked for another kind of invoice', { nextBillingAt: null, renewal: { ...renewal, taxBehaviour: 'exclusive' } }],
] as const)
  test(`one that ${what} does not renew with the others`, (t) => {
    t.is(renewalOf({ ...row, ...changes }, question), undefined);
  });
