import type { Reaction } from '../shared/service.ts';
import { tellingsOf } from './contact-updates.ts';
import type { CrmStore } from './store.ts';

export const reactions = (store: CrmStore): readonly Reaction[] => [
  { to: ['customer.*', 'subscription.*', 'dispute.*'], handle: (events) => store.tell(events.flatMap(tellingsOf)) },
];
