import test from 'ava';
import {
  afterUpdate,
  closedWith,
  consolidationIdOf,
  type HeldRequest,
  isOver,
  mostRenewals,
  newConsolidation,
  type RenewalConsolidation,
  type SubscriptionUpdate,
  withoutExpected,
  withRenewal,
} from '../../services/invoicing/consolidation/consolidation.ts';
import { plusMillis } from '../../services/shared/time.ts';
import { renewalOf } from '../../services/subscription/renewals.ts';
import { noon, renewalDue } from '../support/money-events.ts';

const berlin = 'Europe/Berlin';
const evening = '2026-01-31T20:00:00.000Z';

function held(subscriptionId: string, { time = noon, start = noon } = {}): HeldRequest {
  const { data, ...event } = renewalDue({ subscriptionId, time });
  const request = data.invoice;
  return { asking: { ...event, data }, request: { ...request, period: { ...request.period, start } } };
}

/** The consolidation after these renewals, the first of which named the expected subscriptions. */
const collecting = (expected: readonly string[], ...requests: readonly HeldRequest[]): RenewalConsolidation =>
  requests.reduce(
    (consolidation, request) => ({ ...withRenewal(consolidation, request, expected), revision: 1 }),
    newConsolidation(held('sub_1'), berlin, noon),
  );

const update = (id: string, changes: Partial<SubscriptionUpdate> = {}): SubscriptionUpdate => ({
  event: `${id}:9`,
  at: evening,
  id,
  closes: [],
  ...changes,
});

test('a consolidation has one customer, currency, tax behaviour and day of the customer’s calendar', (t) => {
  const late = newConsolidation(held('sub_1', { start: '2026-01-31T23:30:00.000Z' }), berlin, noon);

  t.is(late.day, '2026-02-01', 'half past midnight in Berlin');
  t.is(late._id, consolidationIdOf({ customerId: 'cus_1', currency: 'EUR', taxBehaviour: 'inclusive', day: '2026-02-01' }));
  t.not(late._id, consolidationIdOf({ ...late, currency: 'USD' }));
  t.not(late._id, consolidationIdOf({ ...late, taxBehaviour: 'exclusive' }));
});

test('a consolidation collects until all expected renewals have arrived and closes with the last one', (t) => {
  const first = collecting(['sub_1', 'sub_2', 'sub_3'], held('sub_1'));
  t.like(first, { status: 'collecting', expected: ['sub_2', 'sub_3'], closedAt: null });

  const last = collecting(['sub_1', 'sub_2', 'sub_3'], held('sub_1'), held('sub_3', { time: evening }), held('sub_2'));
  t.like(last, { status: 'closing', expected: [], closedAt: evening });
  t.is(last.requests.length, 3);
});

test('a consolidation closes when it is full, and the next renewal remains alone', (t) => {
  const ids = Array.from({ length: mostRenewals }, (_, index) => `sub_${index + 1}`);

  const full = collecting([...ids, 'sub_late'], ...ids.map((id) => held(id)));

  t.like(full, { status: 'closing', expected: [], requests: { length: mostRenewals } });
  t.is(withRenewal(full, held('sub_late'), []), full);
});

test('an unexpected renewal joins while the consolidation collects', (t) => {
  t.like(collecting(['sub_2'], held('sub_1'), held('sub_4')), { status: 'collecting', expected: ['sub_2'], requests: { length: 2 } });
});

test('without other expected renewals a consolidation closes immediately, and no renewal joins it later', (t) => {
  const alone = collecting(['sub_1'], held('sub_1'));

  t.is(alone.status, 'closing');
  t.is(withRenewal(alone, held('sub_2'), []), alone);
});

test('a repeated request changes nothing', (t) => {
  const consolidation = collecting(['sub_2'], held('sub_1'));

  t.is(withRenewal(consolidation, held('sub_1'), []), consolidation);
});

test('only the first renewal sets the expected subscriptions', (t) => {
  const consolidation = collecting(['sub_2', 'sub_3'], held('sub_1'));

  t.deepEqual(withRenewal(consolidation, held('sub_2'), ['sub_4']).expected, ['sub_3']);
});

for (const [condition, billing] of [
  ['will not bill again', { status: 'active', nextBillingAt: null }],
  ['has ended', { status: 'cancelled' }],
  ['is past due', { status: 'past-due', nextBillingAt: noon }],
  ['bills the next day, though it is the same one in UTC', { status: 'active', nextBillingAt: '2026-01-31T23:00:00.000Z' }],
] as const)
  test(`a subscription that ${condition} is not expected`, (t) => {
    const consolidation = collecting(['sub_2'], held('sub_1'));

    t.like(afterUpdate(consolidation, update('sub_2', billing)), { status: 'closing', closedBy: 'sub_2:9', closedAt: evening });
  });

test('a subscription that changed and still bills on that day is expected', (t) => {
  const consolidation = collecting(['sub_2'], held('sub_1'));

  t.is(afterUpdate(consolidation, update('sub_2', { status: 'active', nextBillingAt: evening })), consolidation);
});

test('an event of a subscription that is not expected or has arrived changes nothing', (t) => {
  const consolidation = collecting(['sub_2'], held('sub_1'));

  t.is(afterUpdate(consolidation, update('sub_1', { status: 'active', nextBillingAt: '2026-02-28T12:00:00.000Z' })), consolidation);
  t.is(afterUpdate(consolidation, update('sub_9', { status: 'cancelled' })), consolidation);
});

test('closing a held invoice ends the collecting, and closing another invoice does not', (t) => {
  const consolidation = collecting(['sub_2'], held('sub_1'));

  t.is(afterUpdate(consolidation, update('sub_1', { closes: ['inv_sub_1_1'] })).status, 'closing');
  t.is(afterUpdate(consolidation, update('sub_1', { closes: ['inv_sub_1_0'] })), consolidation);
});

test('after the collecting has ended, no event changes the consolidation', (t) => {
  const consolidation = closedWith(collecting(['sub_2', 'sub_3'], held('sub_1')), 'day-over', evening);

  t.is(afterUpdate(consolidation, update('sub_2', { status: 'cancelled' })), consolidation);
  t.is(withoutExpected(consolidation, ['sub_2'], 'asked-again', evening), consolidation);
  t.is(closedWith(consolidation, 'another', noon), consolidation);
});

test('the closing instant is never before the latest request', (t) => {
  const consolidation = collecting(['sub_2', 'sub_3'], held('sub_1', { time: evening }));

  t.is(closedWith(consolidation, 'day-over', noon).closedAt, evening);
});

test('a consolidation is over two hours after midnight, and at the earliest after a quarter of an hour', (t) => {
  const consolidation = collecting(['sub_2'], held('sub_1'));

  t.false(isOver(consolidation, '2026-02-01T00:59:59.999Z'));
  t.true(isOver(consolidation, '2026-02-01T01:00:00.000Z'));
  const late = { ...consolidation, createdAt: '2026-02-03T12:00:00.000Z' };
  t.false(isOver(late, plusMillis(late.createdAt, 14 * 60_000)));
  t.true(isOver(late, plusMillis(late.createdAt, 15 * 60_000)));
});

const question = { customerId: 'cus_1', day: '2026-01-31', timezone: berlin, currency: 'EUR', taxBehaviour: 'inclusive' };
const row = { _id: 'sub_2', status: 'active', nextBillingAt: evening, price: { amount: 500, currency: 'EUR' } } as const;
const renewal = { invoiceId: 'inv_sub_2_1', start: noon, currency: 'EUR', taxBehaviour: 'inclusive' };

test('a subscription renews on the day of its next billing, or on a day whose renewal it has requested', (t) => {
  t.deepEqual(renewalOf(row, question), { subscriptionId: 'sub_2', invoiceId: null });
  const done = { ...row, nextBillingAt: '2026-02-28T12:00:00.000Z', renewal };
  t.deepEqual(renewalOf(done, question), { subscriptionId: 'sub_2', invoiceId: 'inv_sub_2_1' });
});

for (const [condition, changes] of [
  ['bills on another day', { nextBillingAt: '2026-01-31T23:00:00.000Z' }],
  ['bills in another currency', { price: { amount: 500, currency: 'USD' } }],
  ['has a failed payment', { status: 'past-due' }],
  ['is in its trial, whose end makes a first invoice', { status: 'trialing' }],
  ['has requested another kind of invoice', { nextBillingAt: null, renewal: { ...renewal, taxBehaviour: 'exclusive' } }],
] as const)
  test(`a subscription that ${condition} does not renew with the others`, (t) => {
    t.is(renewalOf({ ...row, ...changes }, question), undefined);
  });
