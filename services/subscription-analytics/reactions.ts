import type { MarqueeEvent } from '../shared/events.ts';
import type { Reaction } from '../shared/service.ts';
import { type SubscriptionData, turnOf } from './stage-changes.ts';
import type { NewTurn, SubscriptionAnalyticsStore } from './store.ts';

export const reactions = (store: SubscriptionAnalyticsStore): readonly Reaction[] => [
  {
    to: ['subscription.*'],
    handle: (events: readonly MarqueeEvent<SubscriptionData>[]) => store.record(events.map(newTurnOf).filter((turn) => turn !== undefined)),
  },
];

function newTurnOf(event: MarqueeEvent<SubscriptionData>): NewTurn | undefined {
  const turn = turnOf(event);
  return turn && { subscriptionId: event.subject, customerId: event.customerId, testClock: event.testClock, turn };
}
