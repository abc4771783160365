import { eventId, type MarqueeEvent } from '../../services/shared/events.ts';
import { later } from '../../services/shared/time.ts';
import type { Aggregate } from '../host/aggregate.ts';
import { decide } from './rules/decide.ts';
import { evolve } from './rules/evolve.ts';
import { violation } from './rules/invariants.ts';
import { changedFields, resourceOf } from './rules/resource.ts';
import type { Subscription, SubscriptionCommand, SubscriptionEvent } from './rules/subscription.ts';
import { nextWake } from './rules/wake.ts';
import { subscriptionActorType } from './subscription-queries.ts';

/** The rules of a subscription in the form that the actor host runs. */
export const subscriptionAggregate: Aggregate<Subscription, SubscriptionCommand, SubscriptionEvent> = {
  type: subscriptionActorType,
  reminders: ['renewal', 'dunning'],
  decide,
  evolve,
  nextWake,
  awaitsOutcome: ({ reason }) => reason === 'payment-pending',
  violation,
  quarantineEvents: {
    quarantined: ({ updatedAt }, broken, now) => ({ type: 'subscription.quarantined', at: later(now, updatedAt), violation: broken }),
    released: ({ updatedAt }, now) => ({ type: 'subscription.quarantine-released', at: later(now, updatedAt) }),
  },
  toMarqueeEvent: (event, sequence, before, after, clock) => {
    const { type, at, ...rest } = event;
    const subscription = resourceOf(after, clock?.id ?? null);
    const previous = before ? changedFields(resourceOf(before, clock?.id ?? null), subscription) : {};
    const data = { subscription, previous, ...rest, ...(type === 'subscription.payment-failed' && { policy: followedUpBy(after) }) };
    return {
      id: eventId(after.id, sequence),
      type,
      subject: after.id,
      sequence,
      time: at,
      customerId: after.customerId,
      testClock: clock?.id ?? null,
      data,
      // `SubscriptionEvent` holds the fields of each event to the contract of its type.
    } as MarqueeEvent<'subscription.*'>;
  },
};

/** The retry policy of the subscription, for consumers that follow how policies perform. */
const followedUpBy = ({ policy: { downgradeTo, ...policy } }: Subscription) => ({
  ...policy,
  ...(downgradeTo && { downgradeTo: { planId: downgradeTo.plan.planId } }),
});
