import { type Reaction, reaction } from '../shared/reaction.ts';
import { contactUpdatesOf } from './contact-updates.ts';
import type { CrmStore } from './store.ts';

export const crmReactions = (store: CrmStore): readonly Reaction[] => [
  reaction(['customer.*', 'subscription.*', 'dispute.*'], (events) => store.update(events.flatMap(contactUpdatesOf))),
];
