import type { MarqueeEvent } from '../shared/events.ts';
import type { Reaction } from '../shared/service.ts';
import { type SubscriptionData, stageChangeOf } from './stage-changes.ts';
import type { NewStageChange, SubscriptionAnalyticsStore } from './store.ts';

export const subscriptionAnalyticsReactions = (store: SubscriptionAnalyticsStore): readonly Reaction[] => [
  {
    to: ['subscription.*'],
    handle: (events: readonly MarqueeEvent<SubscriptionData>[]) =>
      store.record(events.map(newStageChangeOf).filter((change) => change !== undefined)),
  },
];

function newStageChangeOf(event: MarqueeEvent<SubscriptionData>): NewStageChange | undefined {
  const change = stageChangeOf(event);
  return change && { subscriptionId: event.subject, customerId: event.customerId, testClock: event.testClock, change };
}
