import type { Gateway, MethodCheck, VerifiedMethod } from '../gateway.ts';
import { outcomeOfCall, type StripeClient } from './client.ts';
import type { StripeCustomers } from './customers.ts';
import { outcomeOfFailure, type StripeFailure } from './outcome.ts';

type Method = Awaited<ReturnType<StripeClient['paymentMethods']['retrieve']>>;

type FoundMethod = Awaited<ReturnType<Required<Gateway>['lookUpMethod']>>;

/**
 * Payment methods: set up by the customer in the app, then verified and attached to their Stripe
 * customer.
 */
export function stripeMethods(stripe: StripeClient, customers: StripeCustomers): Pick<Gateway, 'setUp' | 'verify' | 'lookUpMethod'> {
  /** Set up for off-session use, so that renewals can be charged without the customer. */
  const setUp = async (customerId: string) => {
    const customer = await customers.ensure(customerId);
    const { id, client_secret: clientSecret } = await stripe.setupIntents.create({ customer, usage: 'off_session' });
    return { setupIntentId: id, clientSecret: clientSecret ?? '' };
  };

  /** Attaches the method to its customer. A repeat finds it attached, and changes nothing. */
  const verify = async (customerId: string, token: string): Promise<MethodCheck> => {
    const method = await stripe.paymentMethods.retrieve(token);
    const owner = typeof method.customer === 'string' ? method.customer : (method.customer?.id ?? null);
    if (owner === null) await stripe.paymentMethods.attach(method.id, { customer: await customers.ensure(customerId) });
    else if ((await customers.adopt(customerId, owner)) !== owner) return { kind: 'refused', code: 'payment-method-of-another-customer' };
    return { kind: 'verified', method: verifiedMethodOf(method) };
  };

  /** Finds the method's customer: the Stripe customer has our id as its reference. */
  const lookUp = async (token: string): Promise<FoundMethod> => {
    const method = await stripe.paymentMethods.retrieve(token, { expand: ['customer'] });
    const { card } = verifiedMethodOf(method);
    const owner = typeof method.customer === 'object' && method.customer !== null && !method.customer.deleted ? method.customer : null;
    const customerId = owner?.metadata?.reference;
    return customerId === undefined || card === null ? { kind: 'absent' } : { kind: 'found', customerId, card };
  };

  return {
    setUp,
    verify: (customerId, token) => outcomeOfCall(verify(customerId, token), checkOfFailure),
    lookUpMethod: (token) =>
      outcomeOfCall(lookUp(token), ({ statusCode }): FoundMethod => ({ kind: statusCode === 404 ? 'absent' : 'unknown' })),
  };
}

/** The details that may be displayed. Apple Pay and Google Pay are cards in a wallet. */
function verifiedMethodOf(method: Method): VerifiedMethod {
  const { id: token, type, card, sepa_debit: debit } = method;
  if (type === 'card' && card) {
    const { brand, last4, exp_month: expMonth, exp_year: expYear, fingerprint = null, country } = card;
    const wallet = card.wallet?.type;
    return { token, type: isWallet(wallet) ? wallet : 'card', card: { brand, last4, expMonth, expYear, fingerprint, country } };
  }
  if (type === 'sepa_debit')
    return {
      token,
      type: 'sepa_debit',
      card: { brand: 'sepa_debit', last4: debit?.last4 ?? '', expMonth: null, expYear: null, fingerprint: debit?.fingerprint ?? null },
    };
  return { token, type: isAccount(type) ? type : 'card', card: null };
}

const isWallet = (type: string | undefined): type is 'apple_pay' | 'google_pay' => type === 'apple_pay' || type === 'google_pay';
const isAccount = (type: string): type is 'paypal' | 'link' => type === 'paypal' || type === 'link';

/** The check that a failure stands for. A 404 means that there is no such method. */
function checkOfFailure(failure: StripeFailure): MethodCheck {
  if (failure.statusCode === 404) return { kind: 'refused', code: 'payment-method-unknown' };
  const outcome = outcomeOfFailure(failure);
  if (outcome.kind === 'declined') return { kind: 'refused', code: outcome.code };
  return outcome.kind === 'unavailable' ? outcome : { kind: 'unknown' };
}
