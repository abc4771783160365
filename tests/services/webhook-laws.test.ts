import assert from 'node:assert/strict';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import type { DisputeResource } from '../../services/shared/contracts/dispute-resource.ts';
import type { RefundResource } from '../../services/shared/contracts/payment-resource.ts';
import { plusMillis } from '../../services/shared/time.ts';
import { invoiceFinalised, noon } from '../support/money-events.ts';
import { paymentId as id, paymentOf, settledAs } from '../support/payment-service.ts';
import { deliver, request } from '../support/service.ts';
import { returnEvent, send, signed, storedWebhooks, stripeWebhooks } from '../support/stripe-webhooks.ts';
import { until } from '../support/wait-until.ts';

const threeDays = 3 * 86_400_000;
const ofRefunds = ['refund.created', 'refund.updated', 'charge.refunded', 'charge.refund.updated'];
const ofOpening = ['charge.dispute.created', 'charge.dispute.funds_withdrawn'];
const ofEnding = ['charge.dispute.updated', 'charge.dispute.closed'];

/** Every event at least once, some twice, in any order. */
const deliveries = (types: readonly string[]) =>
  fc.shuffledSubarray([...types]).chain((again) => fc.shuffledSubarray([...types, ...again], { minLength: types.length + again.length }));

const lives = fc.record({
  refunds: deliveries(ofRefunds),
  /**
   * Before the dispute is decided, so many of these; the rest, doubled with what came before, comes
   * after.
   */
  opening: deliveries(ofOpening),
  beforeDecision: fc.nat({ max: 2 }),
  ending: deliveries([...ofRefunds, ...ofOpening, ...ofEnding]),
  outcome: fc.constantFrom('won', 'lost'),
  late: fc.constantFrom(0, threeDays),
});
type Life = typeof lives extends fc.Arbitrary<infer Value> ? Value : never;

/**
 * 3.00 refunded at the gateway and 2.00 here, whose webhooks may be sooner than the gateway's own
 * answer; then 5.00 are disputed.
 */
async function live(t: ExecutionContext, { refunds, opening, beforeDecision, ending, outcome, late }: Life) {
  const { service, gateway, published, documents, setNow } = await paymentOf(t, { config: { stripe: stripeWebhooks } });
  await deliver(service, invoiceFinalised());
  await settledAs(service, 'succeeded');
  const intentId = (await gateway.ledger())[0]?.intentId ?? '';
  const now = plusMillis(noon, late);
  const deliverWebhook = async (types: readonly string[]) => {
    setNow(now);
    for (const type of types) {
      const payload = returnEvent(`evt_${type}`, type, intentId);
      await send(service, payload, signed(payload, now));
    }
  };
  const shown = async <Row>(path: string) => (await request(service, 'get', path)).body.data as Row[];
  const allHandled = () => until(async () => (await storedWebhooks(service)).every(({ handledAt }) => handledAt !== null));

  await gateway.refund('there', { reference: 'there', intentId, amount: 300 }, noon);
  const refund = request(service, 'post', `/v1/payments/${id}/refunds`, { body: { reason: 'sorry', to: 'method', amount: 200 } });
  await Promise.all([refund, deliverWebhook(refunds)]);
  await gateway.openDispute?.(intentId, { amount: 500, reason: 'fraudulent', status: 'needs-response' }, noon);
  await deliverWebhook(opening.slice(0, beforeDecision));
  await allHandled();
  const intents = documents.collection('simulated_gateway_intents');
  await intents.updateOne({ _id: intentId as never }, { $set: { 'disputes.0.status': outcome } });
  await deliverWebhook(ending);
  await allHandled();
  await until(async () => (await shown<RefundResource>(`/v1/payments/${id}/refunds`)).every(({ status }) => status !== 'processing'));

  return {
    refunds: (await shown<RefundResource>(`/v1/payments/${id}/refunds`))
      .map(({ origin, amount, status }) => `${origin} ${amount} ${status}`)
      .sort(),
    disputes: (await shown<DisputeResource>('/v1/disputes')).map(({ amount, status }) => `${amount} ${status}`),
    events: [...new Set(published.map((event) => event.id))].length,
    told: [...new Set(published.map(({ type, id: event }) => `${type} ${event}`))].map((text) => text.split(' ')[0]).sort(),
    refundedRest: (await request(service, 'post', `/v1/payments/${id}/refunds`, { body: { reason: 'sorry', to: 'credit' } })).body.amount,
  };
}

test('law: webhooks of refunds and disputes that are doubled, reversed, days late or before the response of the call lead to the same end', async (t) => {
  await fc.assert(
    fc.asyncProperty(lives, async (life) => {
      assert.deepEqual(await live(t, life), {
        refunds: ['gateway 300 succeeded', 'marquee 200 succeeded'],
        disputes: [`500 ${life.outcome}`],
        events: 5,
        told: [`dispute.${life.outcome}`, 'dispute.opened', 'payment.succeeded', 'refund.succeeded', 'refund.succeeded'].sort(),
        refundedRest: life.outcome === 'won' ? 1299 : 799,
      });
    }),
    { numRuns: 15 },
  );
  t.pass();
});
