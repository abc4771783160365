import test, { type ExecutionContext } from 'ava';
import { charge, continueAuthenticated } from '../../services/payment/charging/attempt.ts';
import { lookUp } from '../../services/payment/charging/look-up.ts';
import type { Gateway } from '../../services/payment/gateways/gateway.ts';
import { createGatewayHealth } from '../../services/payment/gateways/gateway-health.ts';
import { createSimulatedGateway } from '../../services/payment/gateways/simulated/simulated-gateway.ts';
import { newPayment } from '../../services/payment/new-payment.ts';
import type { MethodRefusal, Payment } from '../../services/payment/payment.ts';
import { startDocuments } from '../support/documents.ts';
import { invoiceFinalised, noon } from '../support/money-events.ts';
import { testPlatform } from '../support/platform.ts';

/** Two gateways with ledgers of their own; the second goes by the name of Stripe. */
async function twoGateways(t: ExecutionContext) {
  const first = createSimulatedGateway(await startDocuments(t));
  const second = createSimulatedGateway(await startDocuments(t));
  return {
    first,
    second,
    gateways: new Map<string, Gateway>([
      ['simulated', first],
      ['stripe', { ...second, name: 'stripe' }],
    ]),
  };
}

const paymentWith = (...methods: readonly (readonly [gateway: string, token: string])[]): Payment =>
  newPayment(
    invoiceFinalised(),
    methods.map(([gateway, token], index) => ({ id: `pm_${index}`, token, gateway })),
    noon,
  );
/** Nothing is refused in these tests. */
const none = () => Promise.reject(new Error('a method was refused'));
const chargeOf = { reference: 'inv_sub_1_1', customerId: 'cus_1' };

test('a payment method is charged at its own gateway', async (t) => {
  const { gateways, first, second } = await twoGateways(t);
  const payment = paymentWith(['stripe', 'tok_ok']);

  t.like(await charge(gateways, payment, payment.methods ?? [], none), { kind: 'succeeded', gateway: 'stripe', paymentMethodId: 'pm_0' });
  t.deepEqual(await first.ledger(), []);
  t.is((await second.ledger()).length, 1);
});

test('a backup method of another gateway is tried only after the declined intent was cancelled, and repeats charge once', async (t) => {
  const { gateways, first, second } = await twoGateways(t);
  const payment = paymentWith(['simulated', 'tok_declined'], ['stripe', 'tok_ok']);

  const outcome = await charge(gateways, payment, payment.methods ?? [], none);

  t.like(outcome, { kind: 'succeeded', gateway: 'stripe', paymentMethodId: 'pm_1' });
  t.deepEqual(await charge(gateways, payment, payment.methods ?? [], none), outcome);
  t.like(await first.lookUp(chargeOf, null, noon), { kind: 'cancelled' });
  t.is((await second.ledger()).length, 1);
});

test('while an outcome at one gateway is unknown, no other gateway receives a request', async (t) => {
  const { gateways, second } = await twoGateways(t);
  const payment = paymentWith(['simulated', 'tok_timeout'], ['stripe', 'tok_ok']);

  t.deepEqual(await charge(gateways, payment, payment.methods ?? [], none), { kind: 'unknown' });
  t.like(await second.lookUp(chargeOf, null, noon), { kind: 'absent' });
});

test('a sync reads every gateway that an attempt may have reached, and a success counts before all else', async (t) => {
  const { gateways } = await twoGateways(t);
  const payment = paymentWith(['simulated', 'tok_declined'], ['stripe', 'tok_ok']);
  await charge(gateways, payment, payment.methods ?? [], none);

  t.like(await lookUp(gateways, payment, noon), { kind: 'succeeded', gateway: 'stripe' });
});

test('given a method that was refused once, when its attempt is repeated after a crash, then no second intent is made', async (t) => {
  const { first } = await twoGateways(t);
  const refused: MethodRefusal[] = [];
  const create: Gateway['create'] = async (key, ...parameters) =>
    key === 'inv_sub_1_1:create' && refused.length === 0
      ? { kind: 'declined', intentId: null, code: 'payment-method-detached' }
      : first.create(key, ...parameters);
  const gateways = new Map<string, Gateway>([['simulated', { ...first, create }]]);
  const payment = paymentWith(['simulated', 'tok_ok'], ['simulated', 'tok_ok']);
  const attempt = () =>
    charge(gateways, { ...payment, refusals: refused }, payment.methods ?? [], async (refusal) => void refused.push(refusal));

  const outcome = await attempt();

  t.like(outcome, { kind: 'succeeded', paymentMethodId: 'pm_1' });
  t.deepEqual(refused, [{ position: 0, code: 'payment-method-detached' }]);
  t.deepEqual(await attempt(), outcome);
  t.is((await first.ledger()).length, 1);
});

test('given an intent that an operator cancelled at the gateway, when its payment is retried, then another intent is charged, and found', async (t) => {
  const { gateways, first } = await twoGateways(t);
  const payment = paymentWith(['simulated', 'tok_declined']);
  const declined = await charge(gateways, payment, payment.methods ?? [], none);
  const intentId = 'intentId' in declined ? declined.intentId : null;
  await first.cancel('in the dashboard', intentId ?? '', noon);
  const retried = { ...payment, intentId, attempt: 2, methods: [{ id: 'pm_2', token: 'tok_ok', gateway: 'simulated' }] };

  const outcome = await charge(gateways, retried, retried.methods, none);

  t.like(outcome, { kind: 'succeeded', paymentMethodId: 'pm_2' });
  t.deepEqual(await charge(gateways, retried, retried.methods, none), outcome);
  t.like(await lookUp(gateways, retried, noon), { kind: 'succeeded' });
  t.is((await first.ledger()).length, 1);
});

test('a payment that waits for its customer, and whose intent is cancelled at the gateway, is declined softly', async (t) => {
  const { gateways, first } = await twoGateways(t);
  const payment = paymentWith(['simulated', 'tok_3ds']);
  const waiting = await charge(gateways, payment, payment.methods ?? [], none);
  const intentId = 'intentId' in waiting ? waiting.intentId : null;
  await first.cancel('in the dashboard', intentId ?? '', noon);

  t.like(await continueAuthenticated(gateways, { ...payment, intentId }), { kind: 'declined', intentId: null, category: 'soft' });
});

test('a configuration error of a gateway is shown with its remedy, until the gateway responds again', async (t) => {
  const heard: string[] = [];
  const platform = testPlatform({ documents: await startDocuments(t), published: [], now: () => noon });
  const health = createGatewayHealth({ ...platform, observeGateway: (gateway, outcome) => void heard.push(`${gateway} ${outcome}`) });

  health.observe('stripe', { kind: 'unavailable', code: 'gateway-key-refused' });
  health.observe('stripe', { kind: 'unknown' });

  t.like(health.report(['simulated', 'stripe']), { simulated: 'ok', stripe: { code: 'gateway-key-refused', since: noon } });
  health.observe('stripe', { kind: 'succeeded' });
  t.deepEqual(health.report(['stripe']), { stripe: 'ok' });
  t.deepEqual(heard, ['stripe gateway-key-refused', 'stripe unknown', 'stripe succeeded']);
});
