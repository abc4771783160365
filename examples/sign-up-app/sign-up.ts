import type { Marquee } from '../marquee.ts';

export const plan = {
  id: 'plan_streaming',
  name: { en: 'Streaming' },
  prices: [{ currency: 'EUR', amount: 999, interval: { unit: 'month', count: 1 } }],
  entitlements: { maxStreams: 2, quality: 'hd' },
};

export type SignUp = {
  /** Created with the form, so that a form that is sent twice signs up one customer. */
  readonly formId: string;
  readonly name: string;
  readonly email: string;
  /** From the card field of the gateway; the card number never reaches this app. */
  readonly cardToken: string;
};

export type Subscription = {
  readonly status: string;
  readonly currentPeriod: { readonly end: string } | null;
  readonly entitlements: { readonly maxStreams: number };
};

/**
 * Makes three calls: a customer, a card, a subscription. Their ids are derived from the form, and a
 * repeat under the same id returns the existing resource, so all calls may be repeated after a
 * crash or a second click. Throws a `MarqueeProblem` when one is refused.
 */
export async function signUp(marquee: Marquee, { formId, name, email, cardToken }: SignUp): Promise<Subscription> {
  const customerId = `cus_${formId}`;
  const customer = { id: customerId, name, email, country: 'DE', currency: 'EUR', timezone: 'Europe/Berlin' };
  await marquee.post('/v1/customers', customer);
  await marquee.post(`/v1/customers/${customerId}/payment-methods`, {
    id: `pm_${formId}`,
    gateway: 'simulated',
    token: cardToken,
    default: true,
  });
  return marquee.post<Subscription>('/v1/subscriptions', { id: `sub_${formId}`, customerId, planId: plan.id });
}

/**
 * The entitlements that the player checks before each film: one document, read by its id. It
 * follows the subscription within a moment.
 */
export const mayWatch = async (marquee: Marquee, customerId: string): Promise<boolean> =>
  (await marquee.get<{ active: boolean }>(`/v1/customers/${customerId}/entitlements`)).active;
