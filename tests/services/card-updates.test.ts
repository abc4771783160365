import test, { type ExecutionContext } from 'ava';
import type { Invoke } from '../../services/shared/service.ts';
import { paymentOf } from '../support/payment-service.ts';
import { serveStripe } from '../support/stripe-server.ts';
import { send, storedWebhooks, stripeWebhooks } from '../support/stripe-webhooks.ts';
import { until } from '../support/wait-until.ts';

const updated = (id: string, method: string, type = 'payment_method.automatically_updated') =>
  JSON.stringify({ id, type, object: 'event', data: { object: { object: 'payment_method', id: method } } });

const card = { brand: 'visa', last4: '4242', exp_month: 8, exp_year: 2031, fingerprint: 'fp_1', country: 'DE' };
const method = (changes: object) => ({ object: 'payment_method', type: 'card', card, ...changes });
const owner = { object: 'customer', id: 'cus_stripe', metadata: { reference: 'cus_1' } };

/**
 * A payment service that receives webhooks of Stripe and reads from Stripe, and its calls of the
 * account service.
 */
async function paymentService(t: ExecutionContext, isAccountAway: () => boolean = () => false) {
  const updates: unknown[] = [];
  const invoke: Invoke = async (_service, _method, path, body) => {
    if (isAccountAway()) throw new Error('account is away');
    updates.push([path, body]);
    return { updated: true };
  };
  const apiBase = await serveStripe(t, (path) => {
    if (path === 'payment_methods/pm_1') return method({ id: 'pm_1', customer: owner });
    if (path === 'payment_methods/pm_nobody') return method({ id: 'pm_nobody', customer: null });
    return path === 'payment_methods/pm_debit'
      ? { ...method({ id: 'pm_debit', customer: owner }), type: 'paypal', card: undefined }
      : undefined;
  });
  const { service } = await paymentOf(t, {
    tokens: [],
    invoke,
    config: { stripe: { ...stripeWebhooks, secretKey: 'sk_test_1', apiBase } },
  });
  const allHandled = () => until(async () => (await storedWebhooks(service)).every(({ handledAt }) => handledAt !== null));
  return { service, updates, allHandled };
}

test('a card that its bank renewed is read once, and the account service receives its new details', async (t) => {
  const { service, updates, allHandled } = await paymentService(t);

  await send(service, updated('evt_1', 'pm_1'));
  await send(service, updated('evt_1', 'pm_1'));
  await allHandled();

  const news = { brand: 'visa', last4: '4242', expMonth: 8, expYear: 2031, fingerprint: 'fp_1' };
  t.deepEqual(updates, [['customers/cus_1/cards', { gateway: 'stripe', token: 'pm_1', card: news }]]);
});

test('while the account service is unavailable, the update of a card is retried', async (t) => {
  let tries = 0;
  const { service, updates, allHandled } = await paymentService(t, () => {
    tries += 1;
    return tries === 1;
  });

  await send(service, updated('evt_1', 'pm_1', 'payment_method.updated'));
  await allHandled();

  t.is(updates.length, 1);
});

test('an unknown method, and a method without a card, cause no update', async (t) => {
  const { service, updates, allHandled } = await paymentService(t);

  await send(service, updated('evt_1', 'pm_nobody'));
  await send(service, updated('evt_2', 'pm_debit'));
  await allHandled();

  t.deepEqual(updates, []);
});
