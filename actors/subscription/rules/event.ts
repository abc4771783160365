import type { EventData, EventTypeOf } from '../../../services/shared/contracts/events.ts';
import type { Instant } from '../../../services/shared/time.ts';

type Type = EventTypeOf<'subscription'>;

/** The fields that are added when an event is published, and are not stored. */
type Added<Name extends Type> = 'subscription' | 'previous' | (Name extends 'subscription.payment-failed' ? 'policy' : never);

/**
 * An event of a subscription, named in the past tense, as the contract defines it
 * (`services/shared/contracts/subscription-events.ts`). Each is stored once under its sequence and
 * published at least once under the id `<id>:<sequence>`.
 */
export type SubscriptionEvent = {
  [Name in Type]: { readonly type: Name; readonly at: Instant } & Omit<EventData<Name>, Added<Name>>;
}[Type];
