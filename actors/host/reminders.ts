import type { Sidecar } from '../../services/shared/sidecar.ts';
import type { Instant } from '../../services/shared/time.ts';

/**
 * The data of a reminder: the sequence known to be published when it was armed, whether it is a
 * turn's guard, and the instant for which it was armed, by which a host checks its clock. A guard
 * and an older reminder have no such instant.
 */
export type ReminderPayload = { readonly published: number; readonly isGuard: boolean; readonly due?: Instant };

/**
 * Reminders of one actor. Each repeats until it is moved or removed: a one-shot reminder would be
 * dropped by Dapr after four failed tries. A guard repeats as often as it was armed ahead, for the
 * host that must complete its turn may be down for long.
 */
export type Reminders = {
  /** Arms or moves a reminder. It repeats every quarter of an hour after that. */
  readonly arm: (name: string, due: Instant, published: number) => Promise<void>;
  /** The same, so many milliseconds from now by the clock of the scheduler, whatever the host's. */
  readonly armIn: (name: string, millis: number, due: Instant, published: number) => Promise<void>;
  readonly guard: (name: string, published: number) => Promise<void>;
  /** Removes a reminder; one that is not there is removed already. */
  readonly remove: (name: string) => Promise<void>;
};

export const reminderPeriod = '15m';

/** `guardMillis`: milliseconds from arming a guard until it fires, and between its repeats. */
export function remindersOf(sidecar: Sidecar, type: string, id: string, guardMillis: number): Reminders {
  const path = (name: string) => `/v1.0/actors/${type}/${encodeURIComponent(id)}/reminders/${name}`;
  const register = async (name: string, dueTime: string, period: string, data: ReminderPayload): Promise<void> => {
    const { status, text } = await sidecar.within('POST', path(name), { dueTime, period, data });
    if (status !== 204) throw new Error(`arming reminder ${name} of ${type} ${id} failed: ${status} ${text}`);
  };
  return {
    arm: (name, due, published) => register(name, due, reminderPeriod, { published, isGuard: false, due }),
    armIn: (name, millis, due, published) => register(name, `${millis}ms`, reminderPeriod, { published, isGuard: false, due }),
    guard: (name, published) => register(name, `${guardMillis}ms`, `${guardMillis}ms`, { published, isGuard: true }),
    remove: async (name) => {
      const { status, text } = await sidecar.within('DELETE', path(name));
      if (status !== 204 && status !== 404 && !/not ?found/i.test(text))
        throw new Error(`removing reminder ${name} of ${type} ${id} failed: ${status} ${text}`);
    },
  };
}
