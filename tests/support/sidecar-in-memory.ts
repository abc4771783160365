import type { Sidecar, SidecarAnswer } from '../../services/shared/sidecar.ts';
import { type Instant, instantOfMillis, millisOf } from '../../services/shared/time.ts';

export type ArmedReminder = { readonly due: number; readonly period: number; readonly data: unknown };
export type Callback = (id: string, name: string, data: unknown) => Promise<void>;

const noContent: SidecarAnswer = { status: 204, text: '' };
const failedTries = 4;

/**
 * The parts of a Dapr sidecar that the turn of an actor uses, in memory and with a virtual time:
 * state with transactions and ETags, and reminders of the scheduler. It refuses the same requests
 * as Dapr. Like Dapr it returns no ETag of actor state, fires missed ticks one after another, and
 * drops a tick after four failed tries, but not the reminder. Another host may share its store:
 * `anotherHost`.
 */
export function sidecarInMemory(start: Instant, store = createStore()) {
  const { rows, reminders } = store;
  let now = millisOf(start);
  let write: (() => SidecarAnswer) | undefined;
  const calls: string[] = [];
  let beforeCall = (_call: string): void => undefined;
  let afterCall = (_call: string): void => undefined;

  /** Lists the call, and lets a test crash the process before or after its effect. */
  const listed = async <Value>(call: string, effect: () => Value | Promise<Value>): Promise<Value> => {
    await undefined;
    beforeCall(call);
    calls.push(call);
    const value = await effect();
    await undefined;
    afterCall(call);
    return value;
  };

  const within: Sidecar['within'] = async (method, path, body) => {
    const [, type = '', id = '', kind, name = ''] = /^\/v1\.0\/actors\/([^/]+)\/([^/]+)\/(state|reminders)(?:\/(.+))?$/.exec(path) ?? [];
    const actor = `${type}||${decodeURIComponent(id)}`;
    if (kind === 'state' && method === 'GET') return listed(`read ${name}`, () => readRow(rows, `${actor}||${name}`));
    if (kind === 'state') {
      const operations = body as readonly Operation[];
      return listed(`write ${operations.map(({ request }) => request.key).join(' ')}`, () => {
        const refusal = write?.();
        write = undefined;
        return refusal ?? writeRows(rows, actor, operations);
      });
    }
    const key = `${actor}||${name}`;
    if (method === 'DELETE')
      return listed(`remove ${name}`, () => {
        reminders.delete(key);
        return noContent;
      });
    const { dueTime, period, data } = body as { dueTime: string; period: string; data: { isGuard?: boolean } };
    return listed(`${data.isGuard ? 'guard' : 'arm'} ${name}`, () => {
      const millis = millisOfPeriod(period);
      if (millis === undefined) return { status: 400, text: 'unsupported period format' };
      reminders.set(key, { due: millisOfDueTime(dueTime, now), period: millis, data });
      return noContent;
    });
  };

  /**
   * Advances the time to an instant; every due reminder calls back, and repeats until it is moved
   * or removed.
   */
  const runUntil = async (until: Instant, callback: Callback): Promise<void> => {
    for (;;) {
      const [next] = [...reminders].sort(([, one], [, other]) => one.due - other.due);
      if (next === undefined || next[1].due > millisOf(until)) break;
      const [key, reminder] = next;
      now = Math.max(now, reminder.due);
      const [, id = '', name = ''] = key.split('||');
      await tried(() => callback(id, name, reminder.data));
      if (reminders.get(key) === reminder) reminders.set(key, { ...reminder, due: reminder.due + reminder.period });
    }
    now = millisOf(until);
  };

  const sidecar: Sidecar = {
    start: async () => ({ status: 500, text: 'a turn starts no turn' }),
    within,
    close: async () => undefined,
  };

  return {
    sidecar,
    listed,
    calls,
    runUntil,
    now: (): Instant => instantOfMillis(now),
    stored: <Value>(actor: string, key: string): Value | undefined => {
      const row = rows.get(`${actor}||${key}`);
      return row && (JSON.parse(row.text) as Value);
    },
    armed: (actor: string) => armedOf(reminders, actor),
    /** The next transaction gets this response in place of its effect. */
    refuseNextWrite: (status: number, text: string): void => {
      write = () => ({ status, text });
    },
    onCall: (hooks: { before?: (call: string) => void; after?: (call: string) => void }): void => {
      beforeCall = hooks.before ?? (() => undefined);
      afterCall = hooks.after ?? (() => undefined);
    },
    anotherHost: () => sidecarInMemory(instantOfMillis(now), store),
  };
}

export type InMemorySidecar = ReturnType<typeof sidecarInMemory>;

type Row = { readonly text: string; readonly etag: number };
type Operation = {
  readonly operation: string;
  readonly request: { readonly key: string; readonly value: unknown; readonly etag?: string };
};

const createStore = () => ({ rows: new Map<string, Row>(), reminders: new Map<string, ArmedReminder>() });

const readRow = (rows: ReadonlyMap<string, Row>, key: string): SidecarAnswer => {
  const row = rows.get(key);
  return row ? { status: 200, text: row.text } : noContent;
};

/**
 * Writes all rows or none. An ETag that does not match refuses the whole transaction; without an
 * ETag the last write wins.
 */
function writeRows(rows: Map<string, Row>, actor: string, operations: readonly Operation[]): SidecarAnswer {
  const etagOf = (key: string) => rows.get(`${actor}||${key}`)?.etag ?? 0;
  if (operations.some(({ request: { key, etag } }) => etag !== undefined && etag !== String(etagOf(key))))
    return { status: 500, text: 'ERR_ACTOR_STATE_TRANSACTION_SAVE: possible etag mismatch' };
  for (const { request } of operations)
    rows.set(`${actor}||${request.key}`, { text: JSON.stringify(request.value), etag: etagOf(request.key) + 1 });
  return noContent;
}

/** Name, due time and data of an actor's reminders. */
const armedOf = (reminders: ReadonlyMap<string, ArmedReminder>, actor: string) =>
  Object.fromEntries(
    [...reminders]
      .filter(([key]) => key.startsWith(`${actor}||`))
      .map(([key, { due, data }]) => [key.slice(actor.length + 2), { due: instantOfMillis(due), data }]),
  );

const tried = async (call: () => Promise<void>): Promise<void> => {
  for (let tries = 0; tries < failedTries; tries += 1) {
    try {
      return await call();
    } catch {
      // A failed tick is repeated, and dropped after the last try.
    }
  }
};

/** Dapr accepts Go durations; a period of months, as `P1M`, is refused. */
function millisOfPeriod(period: string): number | undefined {
  const [, count, unit] = /^(\d+)(ms|s|m|h)$/.exec(period) ?? [];
  const millis = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }[unit ?? ''];
  return millis === undefined ? undefined : Number(count) * millis;
}

const millisOfDueTime = (dueTime: string, now: number): number => {
  const ahead = millisOfPeriod(dueTime);
  return ahead === undefined ? millisOf(dueTime) : now + ahead;
};
