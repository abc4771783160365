import type { MarqueeEvent } from '../shared/events.ts';
import { type Reaction, reaction } from '../shared/reaction.ts';
import { stageChangeOf } from './stage-changes.ts';
import type { NewStageChange, SubscriptionAnalyticsStore } from './store.ts';

export const subscriptionAnalyticsReactions = (store: SubscriptionAnalyticsStore): readonly Reaction[] => [
  reaction(['subscription.*'], (events) => store.record(events.map(newStageChangeOf).filter((change) => change !== undefined))),
];

function newStageChangeOf(event: MarqueeEvent<'subscription.*'>): NewStageChange | undefined {
  const change = stageChangeOf(event);
  return change && { subscriptionId: event.subject, customerId: event.customerId, testClock: event.testClock, change };
}
