import type { Connection } from 'mongoose';

const mostMillis = 60_000;
const validMillis = 30_000;

export type Clocks = { readonly wall: () => number; readonly monotonic: () => number };

const clocksOfHost: Clocks = { wall: Date.now, monotonic: () => performance.now() };

/** The time of the document store in milliseconds, or undefined where it does not say. */
export async function storeTime(documents: Connection): Promise<number | undefined> {
  const hello = await documents.db?.command({ hello: 1 }, { timeoutMS: 2_000 });
  return hello?.localTime instanceof Date ? hello.localTime.getTime() : undefined;
}

/**
 * Compares the clock of this host with that of the document store, about every half minute. The
 * returned function rejects while they are more than a minute apart, for such a host would bill
 * periods that are not due. A virtual machine that resumes with another time is noticed
 * immediately, because its clock has then moved against the time that this process has run; nothing
 * is billed before the store has been read again. A store that is unavailable changes nothing.
 */
export function createClockCheck(readStoreTime: () => Promise<number | undefined>, { wall, monotonic }: Clocks = clocksOfHost) {
  let checked: { readonly at: number; readonly offset: number; readonly fault: string | undefined } | undefined;
  let running: Promise<void> | undefined;

  const check = async (): Promise<void> => {
    const before = wall();
    const store = await readStoreTime();
    const after = wall();
    const apart = store === undefined ? 0 : Math.max(store - after, before - store, 0);
    const seconds = Math.round(apart / 1_000);
    const fault = apart > mostMillis ? `the clocks of this host and of the document store are ${seconds} s apart` : undefined;
    checked = { at: monotonic(), offset: wall() - monotonic(), fault };
  };

  return async (): Promise<void> => {
    const hasJumped = checked !== undefined && Math.abs(wall() - monotonic() - checked.offset) > mostMillis;
    const isFresh = checked !== undefined && !hasJumped && monotonic() - checked.at < validMillis;
    if (!isFresh) {
      running ??= check().finally(() => {
        running = undefined;
      });
      const rechecked = running;
      if (hasJumped || checked?.fault !== undefined) await rechecked;
      else rechecked.catch(() => undefined);
    }
    if (checked?.fault !== undefined) throw new Error(checked.fault);
  };
}
