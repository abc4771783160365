import type { Platform, Reaction } from '../shared/service.ts';
import { entryOfEvent } from './entry.ts';
import type { AuditStore } from './store.ts';

/** Records every published event. A repeated event finds its entry and changes nothing. */
export const auditReactions = (store: AuditStore, { now }: Pick<Platform, 'now'>): readonly Reaction[] => [
  {
    to: ['*'],
    handle: async (events) => {
      const recordedAt = now();
      await store.append(events.map((event) => entryOfEvent(event, recordedAt)));
    },
  },
];
