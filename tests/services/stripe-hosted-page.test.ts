import test from 'ava';
import { createStripeGateway } from '../../services/payment/gateways/stripe/stripe-gateway.ts';
import { startDocuments } from '../support/documents.ts';
import { type StripeAnswers, serveStripe } from '../support/stripe-server.ts';

const session = (id: string, intent: object | null) => ({ id, object: 'checkout.session', mode: 'setup', setup_intent: intent });

const stripe: StripeAnswers = (path, query) => {
  if (query.get('expand[0]') !== 'setup_intent') return undefined;
  if (path === 'checkout/sessions/cs_given') return session('cs_given', { id: 'seti_1', object: 'setup_intent', payment_method: 'pm_1' });
  if (path === 'checkout/sessions/cs_open') return session('cs_open', { id: 'seti_2', object: 'setup_intent', payment_method: null });
  return path === 'checkout/sessions/cs_none' ? session('cs_none', null) : undefined;
};

for (const [state, id, token] of [
  ['with a method', 'cs_given', 'pm_1'],
  ['without a method yet', 'cs_open', null],
  ['without a set-up', 'cs_none', null],
  ['that cannot be read', 'cs_away', null],
] as const)
  test(`a session of Stripe's page ${state} returns ${token ?? 'nothing'}`, async (t) => {
    const gateway = createStripeGateway(await startDocuments(t), { secretKey: 'sk_test_1', apiBase: await serveStripe(t, stripe) });

    t.is(await gateway.hostedMethod?.(id), token);
  });
