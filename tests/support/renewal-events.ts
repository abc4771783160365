import type { EventData } from '../../services/shared/contracts/events.ts';
import type { SubscriptionResource } from '../../services/shared/contracts/subscription-resource.ts';
import type { MarqueeEvent } from '../../services/shared/events.ts';
import type { Invoke } from '../../services/shared/service.ts';
import { january, noon, renewalDue } from './money-events.ts';
import { type Part, partialEvent } from './partial-event.ts';

/**
 * The facts of a renewal that may share its invoice: subscription, amount, time, and the former
 * billing day.
 */
export type RenewalOptions = {
  readonly subscriptionId: string;
  readonly amount?: number;
  readonly time?: string;
  readonly cause?: number;
  readonly currency?: string;
  readonly testClock?: string | null;
};

/**
 * `subscription.renewal-due` as the actor publishes it: the next billing is a month away, and was
 * due at the start of the period.
 */
export function renewalEvent({
  subscriptionId,
  amount = 1000,
  time = noon,
  cause = 1,
  currency = 'EUR',
  testClock = null,
}: RenewalOptions): MarqueeEvent<'subscription.renewal-due'> {
  const { data, ...event } = renewalDue({ subscriptionId, lines: [{ amount }], time, cause, currency, testClock });
  const billing = { status: 'active', nextBillingAt: january.end, currentPeriod: january, price: { amount, currency } } as const;
  const subscription = { ...data.subscription, ...billing };
  return { ...event, data: { ...data, subscription, previous: { nextBillingAt: january.start } } };
}

/** An event with the subscription as `now` describes it, and formerly as `previous` does. */
export function subscriptionChanged(
  subscriptionId: string,
  now: Part<SubscriptionResource>,
  {
    previous = { nextBillingAt: january.start },
    closes = [],
    time = noon,
    sequence = 50,
  }: {
    previous?: Part<SubscriptionResource>;
    closes?: EventData<'subscription.ended'>['closes'];
    time?: string;
    sequence?: number;
  } = {},
): MarqueeEvent<'subscription.ended'> {
  const subscription = { id: subscriptionId, customerId: 'cus_1', price: { currency: 'EUR' }, nextBillingAt: null, ...now };
  const data = { subscription, previous, invoice: null, refunds: [], closes };
  return partialEvent({ type: 'subscription.ended', subject: subscriptionId, sequence, time, data });
}

/**
 * The subscription service, which returns these renewals of the day: with the requested invoice, or
 * null.
 */
export const invokeRenewals =
  (renewals: () => Readonly<Record<string, string | null>>): Invoke =>
  async (service, _method, path) => {
    if (service !== 'subscription' || path !== 'renewals') throw new Error(`nobody answers ${service} ${path}`);
    return { renewals: Object.entries(renewals()).map(([subscriptionId, invoiceId]) => ({ subscriptionId, invoiceId })) };
  };
