import type { Marquee } from '../marquee.ts';

export const plan = {
  id: 'plan_streaming',
  name: { en: 'Streaming' },
  prices: [{ currency: 'EUR', amount: 999, interval: { unit: 'month', count: 1 } }],
  entitlements: { maxStreams: 2, quality: 'hd' },
};

export type SignUp = {
  /** Made with the form, so that sending a form twice signs nobody up twice. */
  readonly formId: string;
  readonly name: string;
  readonly email: string;
  /** From the gateway's own card field; the card's number never reaches this app. */
  readonly cardToken: string;
};

export type Subscription = {
  readonly status: string;
  readonly currentPeriod: { readonly end: string } | null;
  readonly entitlements: { readonly maxStreams: number };
};

/**
 * Three calls: a customer, a card, a subscription. Their ids are derived from the form, and the same
 * request under the same id returns what is already there, so all of it may be repeated after a
 * crash or a second click. Throws a `MarqueeProblem` where one is refused.
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
 * For the player, before each film: one document, read by its id. It follows the subscription within
 * a moment.
 */
export const mayWatch = async (marquee: Marquee, customerId: string): Promise<boolean> =>
  (await marquee.get<{ active: boolean }>(`/v1/customers/${customerId}/entitlements`)).active;
