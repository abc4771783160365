import type { CreateService } from '../shared/service.ts';
import { analyticsReactions } from './reactions.ts';
import { analyticsRoutes } from './routes.ts';
import { createAnalyticsStore } from './store.ts';

export const createAnalyticsService: CreateService = ({ documents }) => {
  const store = createAnalyticsStore(documents);
  return {
    name: 'analytics',
    about: 'Computes the revenue report from one fact per paid invoice and per deduction.',
    routes: analyticsRoutes(store),
    reactions: analyticsReactions(store),
  };
};
