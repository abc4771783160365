import { type Reaction, reaction } from '../shared/reaction.ts';
import type { Platform } from '../shared/service.ts';
import { entryOfEvent } from './entry.ts';
import type { AuditStore } from './store.ts';

/** Records every published event. A repeated event finds its entry and changes nothing. */
export const auditReactions = (store: AuditStore, { now }: Pick<Platform, 'now'>): readonly Reaction[] => [
  reaction(['*'], async (events) => {
    const recordedAt = now();
    await store.append(events.map((event) => entryOfEvent(event, recordedAt)));
  }),
];
