import type { Platform, Reaction } from '../shared/service.ts';
import { entryOfEvent } from './entry.ts';
import type { AuditStore } from './store.ts';

/** Everything that is published goes into the trail, one insert an event; a repeat finds its row there. */
export const auditReactions = (store: AuditStore, { now }: Pick<Platform, 'now'>): readonly Reaction[] => [
  {
    to: ['*'],
    handle: async (events) => {
      const learntAt = now();
      await store.append(events.map((event) => entryOfEvent(event, learntAt)));
    },
  },
];
