import type { Sidecar } from '../../services/shared/sidecar.ts';

/**
 * The stored state of one actor, read and written through the sidecar. Nothing is kept between
 * turns.
 */
export type ActorState = {
  /** The stored value, or undefined where there is none. */
  readonly read: <Value>(key: string) => Promise<Value | undefined>;
  /** Writes all rows or none, in one transaction. */
  readonly write: (rows: Readonly<Record<string, unknown>>) => Promise<void>;
};

/**
 * Every function throws when the sidecar refuses, for example because another host has the actor
 * now.
 */
export function actorState(sidecar: Sidecar, type: string, id: string): ActorState {
  const base = `/v1.0/actors/${type}/${encodeURIComponent(id)}/state`;
  return {
    read: async <Value>(key: string) => {
      const { status, text } = await sidecar.within('GET', `${base}/${key}`);
      if (status === 204 || (status === 200 && text === '')) return undefined;
      if (status !== 200) throw new Error(`reading state ${key} of ${type} ${id} failed: ${status} ${text}`);
      return JSON.parse(text) as Value;
    },
    write: async (rows) => {
      const operations = Object.entries(rows).map(([key, value]) => ({ operation: 'upsert', request: { key, value } }));
      const { status, text } = await sidecar.within('POST', base, operations);
      if (status !== 204) throw new Error(`writing state of ${type} ${id} failed: ${status} ${text}`);
    },
  };
}
