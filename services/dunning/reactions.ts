import { type Reaction, reaction } from '../shared/reaction.ts';
import { factsOf, factTypes } from './facts.ts';
import type { DunningStore } from './store.ts';

export const dunningReactions = (store: DunningStore): readonly Reaction[] => [
  reaction(factTypes, (events) => store.note(events.flatMap(factsOf))),
];
