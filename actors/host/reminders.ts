import type { Sidecar } from '../../services/shared/sidecar.ts';
import type { Instant } from '../../services/shared/time.ts';

/**
 * A reminder repeats every quarter of an hour until it is moved or deleted: its period is its own retry. It is never a one-shot, for
 * Dapr drops those after four failed tries. `published` tells the turn that it starts which events are known to be out.
 */
export type Reminders = {
  readonly arm: (name: string, due: Instant, published: number) => Promise<void>;
  readonly remove: (name: string) => Promise<void>;
};

export const reminderPeriod = '15m';

export function remindersOf(sidecar: Sidecar, type: string, id: string): Reminders {
  const path = (name: string) => `/v1.0/actors/${type}/${encodeURIComponent(id)}/reminders/${name}`;
  return {
    arm: async (name, due, published) => {
      const answer = await sidecar.within('POST', path(name), { dueTime: due, period: reminderPeriod, data: { published } });
      if (answer.status !== 204) throw new Error(`reminder ${name} of ${type} ${id}: ${answer.status} ${answer.text}`);
    },
    remove: async (name) => {
      const answer = await sidecar.within('DELETE', path(name));
      if (answer.status !== 204 && answer.status !== 404 && !/not ?found/i.test(answer.text))
        throw new Error(`reminder ${name} of ${type} ${id}: ${answer.status} ${answer.text}`);
    },
  };
}
