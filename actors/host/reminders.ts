import type { Sidecar } from '../../services/shared/sidecar.ts';
import type { Instant } from '../../services/shared/time.ts';

/** What a reminder tells the turn that it starts: the sequence known to be out when it was armed, and whether it is a turn's guard. */
export type Fired = { readonly published: number; readonly isGuard: boolean };

/**
 * A reminder repeats every quarter of an hour until it is moved or deleted: its period is its own retry. It is never a one-shot, for
 * Dapr drops those after four failed tries. A guard repeats as fast as it came: the host that it makes good may be away for long.
 */
export type Reminders = {
  readonly arm: (name: string, due: Instant, published: number) => Promise<void>;
  readonly guard: (name: string, published: number) => Promise<void>;
  readonly remove: (name: string) => Promise<void>;
};

export const reminderPeriod = '15m';

/** `guardMillis`: how far ahead a guard is armed, and how often it repeats. */
export function remindersOf(sidecar: Sidecar, type: string, id: string, guardMillis: number): Reminders {
  const path = (name: string) => `/v1.0/actors/${type}/${encodeURIComponent(id)}/reminders/${name}`;
  const register = async (name: string, dueTime: string, period: string, data: Fired): Promise<void> => {
    const answer = await sidecar.within('POST', path(name), { dueTime, period, data });
    if (answer.status !== 204) throw new Error(`reminder ${name} of ${type} ${id}: ${answer.status} ${answer.text}`);
  };
  return {
    arm: (name, due, published) => register(name, due, reminderPeriod, { published, isGuard: false }),
    guard: (name, published) => register(name, `${guardMillis}ms`, `${guardMillis}ms`, { published, isGuard: true }),
    remove: async (name) => {
      const answer = await sidecar.within('DELETE', path(name));
      if (answer.status !== 204 && answer.status !== 404 && !/not ?found/i.test(answer.text))
        throw new Error(`reminder ${name} of ${type} ${id}: ${answer.status} ${answer.text}`);
    },
  };
}
