import type { CreateService } from '../shared/service.ts';
import { reactions } from './reactions.ts';
import { routes } from './routes.ts';
import { createCrmStore } from './store.ts';

export const createCrmService: CreateService = ({ documents, now }) => {
  const store = createCrmStore(documents, now);
  return {
    name: 'crm',
    about: 'Keeps a contact per customer in step, for a CRM to read or to pull.',
    routes: routes(store, now),
    reactions: reactions(store),
  };
};
