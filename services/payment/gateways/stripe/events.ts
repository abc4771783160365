import { type Instant, millisOf } from '../../../shared/time.ts';
import type { Gateway } from '../gateway.ts';
import type { StripeClient } from './client.ts';

const pageSize = 100;

/**
 * Stripe's list of events, which reaches back 30 days (https://docs.stripe.com/api/events/list).
 */
export function stripeEvents(stripe: StripeClient): Required<Pick<Gateway, 'eventsBetween'>> {
  return {
    eventsBetween: async function* (from: Instant, to: Instant) {
      const created = { gte: Math.floor(millisOf(from) / 1000), lt: Math.ceil(millisOf(to) / 1000) };
      let after: string | undefined;
      do {
        const { data, has_more } = await stripe.events.list({ created, limit: pageSize, ...(after && { starting_after: after }) });
        yield data;
        after = has_more ? data.at(-1)?.id : undefined;
      } while (after !== undefined);
    },
  };
}
