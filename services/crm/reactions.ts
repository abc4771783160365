import type { Reaction } from '../shared/service.ts';
import { contactUpdatesOf } from './contact-updates.ts';
import type { CrmStore } from './store.ts';

export const crmReactions = (store: CrmStore): readonly Reaction[] => [
  { to: ['customer.*', 'subscription.*', 'dispute.*'], handle: (events) => store.update(events.flatMap(contactUpdatesOf)) },
];
