import type { CreateService } from '../shared/service.ts';
import { auditReactions } from './reactions.ts';
import { auditRoutes, operatorActionRoute } from './routes.ts';
import { createAuditStore } from './store.ts';

/** The audit trail: everything that happened, in rows that are only ever added. */
export const createSecurityService: CreateService = (platform) => {
  const store = createAuditStore(platform.documents);
  return {
    name: 'security',
    about: 'The audit trail: everything that happened, in rows that are only ever added.',
    routes: auditRoutes(store),
    internal: [operatorActionRoute(store, platform)],
    reactions: auditReactions(store, platform),
  };
};
