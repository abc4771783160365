import type { Gateway } from '../gateway.ts';
import { outcomeOfCall, type StripeClient } from './client.ts';
import type { StripeCustomers } from './customers.ts';

/**
 * Stripe replaces this by the id of the session
 * (https://docs.stripe.com/payments/checkout/custom-success-page).
 */
const sessionPlaceholder = '{CHECKOUT_SESSION_ID}';

/**
 * Stripe's own page where a customer enters a method for off-session charges, so that no card
 * number passes through Marquee.
 */
export function stripeHostedPage(stripe: StripeClient, customers: StripeCustomers): Required<Pick<Gateway, 'hostedPage' | 'hostedMethod'>> {
  const open: Required<Gateway>['hostedPage'] = async ({ customerId, currency, returnUrl, cancelUrl }) => {
    const { url } = await stripe.checkout.sessions.create({
      ...{ mode: 'setup', customer: await customers.ensure(customerId), currency: currency.toLowerCase() },
      ...{ success_url: `${returnUrl}?session=${sessionPlaceholder}`, cancel_url: cancelUrl },
    });
    return url;
  };
  const methodOf = async (sessionId: string): Promise<string | null> => {
    const { setup_intent: intent } = await stripe.checkout.sessions.retrieve(sessionId, { expand: ['setup_intent'] });
    if (intent === null || typeof intent === 'string') return null;
    const { payment_method: method } = intent;
    return typeof method === 'string' ? method : (method?.id ?? null);
  };
  return {
    hostedPage: (page) => outcomeOfCall(open(page), () => null),
    hostedMethod: (sessionId) => outcomeOfCall(methodOf(sessionId), () => null),
  };
}
