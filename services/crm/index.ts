import type { CreateService } from '../shared/service.ts';
import { crmReactions } from './reactions.ts';
import { crmRoutes } from './routes.ts';
import { createCrmStore } from './store.ts';

/** Keeps one contact for each customer, for a CRM to read or to sync. */
export const createCrmService: CreateService = ({ documents, now }) => {
  const store = createCrmStore(documents, now);
  return {
    name: 'crm',
    about: 'Keeps one contact for each customer, for a CRM to read or to sync.',
    routes: crmRoutes(store, now),
    reactions: crmReactions(store),
  };
};
