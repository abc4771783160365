import type { Reaction } from '../shared/service.ts';
import { factsOf, factTypes } from './facts.ts';
import type { DunningStore } from './store.ts';

export const dunningReactions = (store: DunningStore): readonly Reaction[] => [
  { to: factTypes, handle: (events) => store.note(events.flatMap(factsOf)) },
];
