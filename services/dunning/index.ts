import type { CreateService } from '../shared/service.ts';
import { reactions } from './reactions.ts';
import { internalRoutes, publicRoutes } from './routes.ts';
import { createDunningStore } from './store.ts';

export const createDunningService: CreateService = (platform) => {
  const store = createDunningStore(platform.documents);
  return {
    name: 'dunning',
    about: 'Follows up failed payments: the policy, and a case per invoice that could not be collected.',
    routes: publicRoutes(store, platform),
    internal: internalRoutes(store),
    reactions: reactions(store),
  };
};
