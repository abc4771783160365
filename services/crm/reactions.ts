import type { Reaction } from '../shared/service.ts';
import type { CrmStore } from './store.ts';
import { tellingsOf } from './tellings.ts';

export const reactions = (store: CrmStore): readonly Reaction[] => [
  { to: ['customer.*', 'subscription.*', 'dispute.*'], handle: (events) => store.tell(events.flatMap(tellingsOf)) },
];
