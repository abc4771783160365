import test from 'ava';
import fc from 'fast-check';
import { amountOfStripe, stripeAmount } from '../../services/payment/gateways/stripe/amount.ts';
import { disputeStatusOf } from '../../services/payment/gateways/stripe/outcome.ts';
import { createStripeGateway } from '../../services/payment/gateways/stripe/stripe-gateway.ts';
import { startDocuments } from '../support/documents.ts';
import { page, type StripeAnswers, serveStripe } from '../support/stripe-server.ts';

const created = Date.parse('2026-02-01T10:00:00Z') / 1000;
const refund = (id: string, changes: object = {}) => ({
  ...{ id, object: 'refund', amount: 500, currency: 'eur', status: 'succeeded', created, metadata: {}, payment_intent: 'pi_1' },
  ...changes,
});
const dispute = (changes: object = {}) => ({
  ...{ id: 'dp_1', object: 'dispute', amount: 1799, currency: 'eur', reason: 'fraudulent', status: 'needs_response', created },
  ...{ payment_intent: 'pi_1', evidence_details: { due_by: created + 86_400 } },
  balance_transactions: [{ fee: 2000, currency: 'eur', amount: -1799 }],
  ...changes,
});

/** An intent of ours with two pages of refunds, the newest first, as Stripe lists. */
const stripe: StripeAnswers = (path, query) => {
  if (path === 'payment_intents/pi_1') return { id: 'pi_1', object: 'payment_intent', metadata: { reference: 'inv_sub_1_1' } };
  if (path === 'disputes') return page([dispute()]);
  if (path !== 'refunds') return undefined;
  if (query.get('starting_after') === 're_2') return page([refund('re_1', { metadata: { reference: 'ref_ours' }, status: 'failed' })]);
  return page([refund('re_3', { status: 'pending' }), refund('re_2')], true);
};

test('refunds and disputes of a charge are read from all pages, the oldest first, with our statuses', async (t) => {
  const gateway = createStripeGateway(await startDocuments(t), { secretKey: 'sk_test_1', apiBase: await serveStripe(t, stripe) });
  const at = '2026-02-01T10:00:00.000Z';

  t.deepEqual(await gateway.lookUpReturns('pi_1'), {
    kind: 'found',
    reference: 'inv_sub_1_1',
    refunds: [
      { refundId: 're_1', reference: 'ref_ours', amount: 500, status: 'failed', at },
      { refundId: 're_2', reference: null, amount: 500, status: 'succeeded', at },
      { refundId: 're_3', reference: null, amount: 500, status: 'pending', at },
    ],
    disputes: [
      {
        ...{ disputeId: 'dp_1', amount: 1799, reason: 'fraudulent', status: 'needs-response', at },
        ...{ fee: { amount: 2000, currency: 'EUR' }, evidenceDueBy: '2026-02-02T10:00:00.000Z' },
      },
    ],
  });
});

test('while a part of the response is missing, the list is not complete', async (t) => {
  const apiBase = await serveStripe(t, (path, query) => (path === 'disputes' ? undefined : stripe(path, query)));
  const gateway = createStripeGateway(await startDocuments(t), { secretKey: 'sk_test_1', apiBase });

  t.deepEqual(await gateway.lookUpReturns('pi_1'), { kind: 'unknown' });
});

for (const [status, ours] of [
  ['warning_needs_response', 'inquiry'],
  ['warning_under_review', 'inquiry'],
  ['warning_closed', 'closed'],
  ['prevented', 'closed'],
  ['needs_response', 'needs-response'],
  ['under_review', 'under-review'],
  ['won', 'won'],
  ['lost', 'lost'],
  ['appeal_needs_response', 'lost'],
  ['appeal_under_review', 'lost'],
  ['something_new', 'under-review'],
] as const)
  test(`a dispute that is ${status} at Stripe is ${ours}`, (t) => {
    t.is(disputeStatusOf(status), ours);
  });

test('law: an amount converted to Stripe and back is the same, except for the digits that Stripe does not count', (t) => {
  const currency = fc.constantFrom('EUR', 'USD', 'JPY', 'KRW', 'UGX', 'ISK', 'KWD', 'BHD', 'CLP', 'MGA');
  fc.assert(
    fc.property(currency, fc.nat({ max: 1_000_000 }), (each, amount) => {
      const counted = stripeAmount({ amount, currency: each });
      const back = amountOfStripe({ amount: counted, currency: each });
      return stripeAmount({ amount: back, currency: each }) === counted;
    }),
  );
  t.pass();
});
