import { randomUUID } from 'node:crypto';
import test, { type ExecutionContext } from 'ava';
import { createStripeGateway } from '../../services/payment/gateways/stripe/stripe-gateway.ts';
import { startDocuments } from '../support/documents.ts';
import { type CaseName, contract, type Trial, testContract } from '../support/gateway-contract.ts';
import { startStripeMock } from '../support/gateway-servers.ts';
import { noon } from '../support/money-events.ts';

const server = startStripeMock();

async function tried(t: ExecutionContext): Promise<Trial> {
  const gateway = createStripeGateway(await startDocuments(t), { secretKey: 'sk_test_contract', apiBase: (await server).url });
  const methods = { good: 'pm_good', declined: 'pm_declined', asking: 'pm_asking', debit: 'pm_debit' };
  return { gateway, customerId: `cus_${randomUUID()}`, methods, authenticate: async () => {}, later: noon };
}

/** It remembers nothing: whatever is asked, the answer is one fixture. */
const shows = new Set<CaseName>(['a decline is a value with a code, and names the intent that can be retried']);
const reason = 'stripe-mock remembers nothing and answers every request with one fixture';
testContract(
  tried,
  Object.fromEntries((Object.keys(contract) as CaseName[]).filter((name) => !shows.has(name)).map((name) => [name, reason])),
);

test('Stripe’s own description accepts every request we send', async (t) => {
  const { gateway, customerId } = await tried(t);
  const charge = { reference: 'inv_1', amount: 1799, currency: 'EUR', customerId, paymentMethod: 'pm_1' };
  const order = { reference: 're_1', intentId: 'pi_1', amount: 500 };

  const answers = [
    await gateway.create('create', charge, noon),
    await gateway.confirm('confirm', 'pi_1', 'pm_1', noon),
    await gateway.confirmAuthenticated('authenticated', 'pi_1', noon),
    await gateway.cancel('cancel', 'pi_1', noon),
    await gateway.lookUp(charge, 'pi_1', noon),
    await gateway.lookUp(charge, null, noon),
    await gateway.refund('refund', order, noon),
    await gateway.lookUpRefund(order, 're_1'),
    await gateway.lookUpRefund(order, null),
    await gateway.lookUpReturns('pi_1'),
    await gateway.submitEvidence(
      { intentId: 'pi_1', disputeId: 'dp_1' },
      { text: 'a log', productDescription: 'films', serviceDate: 'May' },
    ),
    await gateway.acceptDispute({ intentId: 'pi_1', disputeId: 'dp_1' }),
    await gateway.verify(customerId, 'pm_1'),
  ];

  const refusals = answers.filter(({ kind }) => kind === 'unavailable' || kind === 'unknown' || kind === 'refused');
  t.deepEqual(refusals, []);
  t.regex((await gateway.setUp(customerId)).setupIntentId, /^seti_/);
  const page = { customerId, currency: 'EUR', returnUrl: 'https://billing.example.com/return', cancelUrl: 'https://billing.example.com' };
  t.regex(String(await gateway.hostedPage?.(page)), /^https:\/\//);
  const january = { start: '2026-01-01T00:00:00.000Z', end: '2026-02-01T00:00:00.000Z' };
  t.truthy(await gateway.charges(january, 'ch_1'));
  t.truthy(await gateway.refunds(january, 're_1'));
});

test('Stripe’s own refund and dispute are read with their amounts', async (t) => {
  const { gateway } = await tried(t);

  const returns = await gateway.lookUpReturns('pi_1');

  if (returns.kind !== 'found') return t.fail(returns.kind);
  t.true(returns.refunds.every(({ refundId, amount, at }) => refundId.length > 0 && Number.isInteger(amount) && at.endsWith('Z')));
  t.true(returns.disputes.every(({ disputeId, amount, reason }) => disputeId.length > 0 && Number.isInteger(amount) && reason.length > 0));
  t.true(returns.refunds.length > 0 && returns.disputes.length > 0);
});

test('a request that the description does not know is refused as ours, not as the customer’s', async (t) => {
  const { gateway, customerId } = await tried(t);
  const charge = { reference: 'inv_1', amount: Number.NaN, currency: 'EUR', customerId, paymentMethod: 'pm_1' };

  t.deepEqual(await gateway.create('create', charge, noon), { kind: 'unavailable', code: 'gateway-request-refused' });
});
