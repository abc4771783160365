import { randomUUID } from 'node:crypto';
import test, { type ExecutionContext } from 'ava';
import { createStripeGateway } from '../../services/payment/gateways/stripe/stripe-gateway.ts';
import { startDocuments } from '../support/documents.ts';
import { type Trial, testContract } from '../support/gateway-contract.ts';
import { startLocalstripe } from '../support/gateway-servers.ts';
import { noon } from '../support/money-events.ts';
import { until } from '../support/wait-until.ts';

const secretKey = 'sk_test_contract';
const server = startLocalstripe();

/** As the app does it, straight at the server. */
async function post(path: string, fields: Readonly<Record<string, string>>): Promise<{ readonly id: string }> {
  const { url } = await server;
  const headers = { authorization: `Bearer ${secretKey}` };
  const answer = await fetch(`${url}/v1/${path}`, { method: 'POST', headers, body: new URLSearchParams(fields) });
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as { id: string };
}

const card = async (number: string): Promise<string> =>
  (
    await post('payment_methods', {
      type: 'card',
      'card[number]': number,
      'card[exp_month]': '12',
      'card[exp_year]': '2030',
      'card[cvc]': '123',
    })
  ).id;

async function tried(t: ExecutionContext): Promise<Trial> {
  const gateway = createStripeGateway(await startDocuments(t), { secretKey, apiBase: (await server).url });
  const customerId = `cus_${randomUUID()}`;
  const [good, declined, asking, debit] = await Promise.all([
    card('4242424242424242'),
    card('4000000000000341'),
    card('4000002500003155'),
    post('payment_methods', { type: 'sepa_debit', 'sepa_debit[iban]': 'DE89370400440532013000' }).then(({ id }) => id),
  ]);
  const methods = { good, declined, asking, debit };
  for (const token of Object.values(methods)) await gateway.verify(customerId, token);
  const authenticate: Trial['authenticate'] = async ({ intentId, clientSecret }) =>
    void (await post(`payment_intents/${intentId}/_authenticate`, { client_secret: clientSecret, success: 'true' }));
  return { gateway, customerId, methods, authenticate, later: noon };
}

const noList = 'localstripe lists no intents by customer';

testContract(tried, {
  'an intent is found by the reference of its charge': noList,
  'a charge that was never requested is absent': noList,
  'the same key and parameters get the stored response': 'localstripe ignores idempotency keys',
  'a declined intent is charged with another method': 'localstripe takes no method at confirmation',
  'a debit is pending until a sync finds its outcome': 'localstripe calls a debit succeeded before its bank has answered',
  'the refunds and disputes of a charge are found by its intent, also those that were not requested here': 'localstripe knows no disputes',
  'refunds never exceed the charge': 'localstripe does not add refunds up',
});

test('the card details of the gateway are stored: the same card has the same fingerprint, whatever its token', async (t) => {
  const { gateway, customerId } = await tried(t);
  const check = async () => gateway.verify(customerId, await card('4242424242424242'));

  const [one, other] = await Promise.all([check(), check()]);

  t.like(one, { kind: 'verified', method: { type: 'card', card: { brand: 'visa', last4: '4242', expMonth: 12, expYear: 2030 } } });
  t.deepEqual(one.kind === 'verified' && one.method.card, other.kind === 'verified' && other.method.card);
});

test('a debit that bounces is pending first, and declined when it is looked up later', async (t) => {
  const { gateway, customerId } = await tried(t);
  const { id: paymentMethod } = await post('payment_methods', { type: 'sepa_debit', 'sepa_debit[iban]': 'DE62370400440532013001' });
  await gateway.verify(customerId, paymentMethod);
  const charge = { reference: 'inv_bounced', amount: 1799, currency: 'EUR', customerId, paymentMethod };

  const outcome = await gateway.create('k', charge, noon);

  if (outcome.kind !== 'pending') return t.fail(JSON.stringify(outcome));
  await until(async () => (await gateway.lookUp(charge, outcome.intentId, noon)).kind === 'declined');
  t.pass();
});

test('an invalid API key counts as an outage, not as a decline', async (t) => {
  const { url } = await server;
  const gateway = createStripeGateway(await startDocuments(t), { secretKey: 'none', apiBase: url });
  const charge = { reference: 'inv_1', amount: 1799, currency: 'EUR', customerId: 'cus_1', paymentMethod: 'pm_1' };

  t.deepEqual(await gateway.create('k', charge, noon), { kind: 'unavailable', code: 'gateway-key-refused' });
});

test('a gateway that does not respond leaves the outcome unknown', async (t) => {
  const gateway = createStripeGateway(await startDocuments(t), { secretKey, apiBase: 'http://127.0.0.1:1' });

  t.deepEqual(await gateway.cancel('k', 'pi_1', noon), { kind: 'unknown' });
});
