import type { CreateService } from '../shared/service.ts';
import { dryRunRoutes } from './dry-run-routes.ts';
import { matchedPolicyRoutes } from './matched-policy-routes.ts';
import { createMatchedPolicyStore } from './matched-policy-store.ts';
import { dunningReactions } from './reactions.ts';
import { dunningRoutes, internalDunningRoutes } from './routes.ts';
import { createDunningStore } from './store.ts';
import { summaryRoutes } from './summary-routes.ts';

export const createDunningService: CreateService = (platform) => {
  const store = createDunningStore(platform.documents);
  const policies = createMatchedPolicyStore(platform.documents);
  return {
    name: 'dunning',
    about: 'Follows up failed payments: policies, and a case per invoice that could not be collected.',
    routes: [
      ...dunningRoutes(store, platform),
      ...dryRunRoutes(store, platform),
      ...summaryRoutes(store, policies, platform),
      ...matchedPolicyRoutes(policies, platform),
    ],
    internal: internalDunningRoutes(store, policies),
    reactions: dunningReactions(store),
  };
};
