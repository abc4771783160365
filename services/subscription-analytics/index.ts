import type { CreateService } from '../shared/service.ts';
import { subscriptionAnalyticsReactions } from './reactions.ts';
import { subscriptionAnalyticsRoutes } from './routes.ts';
import { createSubscriptionAnalyticsStore } from './store.ts';

export const createSubscriptionAnalyticsService: CreateService = ({ documents, now }) => {
  const store = createSubscriptionAnalyticsStore(documents);
  return {
    name: 'subscription-analytics',
    about: 'Computes reports about subscriptions: recurring revenue, churn, trials and plans.',
    routes: subscriptionAnalyticsRoutes(store, now),
    reactions: subscriptionAnalyticsReactions(store),
  };
};
