import type { Sidecar } from '../../services/shared/sidecar.ts';

/** What one turn reads and writes of its actor, through the sidecar. Nothing is kept between turns. */
export type ActorState = {
  /** The stored value, or undefined where there is none. */
  readonly read: <Value>(key: string) => Promise<Value | undefined>;
  /** Writes all of them or none, in one transaction. */
  readonly write: (rows: Readonly<Record<string, unknown>>) => Promise<void>;
};

export function actorState(sidecar: Sidecar, type: string, id: string): ActorState {
  const base = `/v1.0/actors/${type}/${encodeURIComponent(id)}/state`;
  return {
    read: async <Value>(key: string) => {
      const answer = await sidecar.within('GET', `${base}/${key}`);
      if (answer.status === 204 || (answer.status === 200 && answer.text === '')) return undefined;
      if (answer.status !== 200) throw new Error(`state of ${type} ${id}: reading ${key} answered ${answer.status} ${answer.text}`);
      return JSON.parse(answer.text) as Value;
    },
    write: async (rows) => {
      const operations = Object.entries(rows).map(([key, value]) => ({ operation: 'upsert', request: { key, value } }));
      const answer = await sidecar.within('POST', base, operations);
      if (answer.status !== 204) throw new Error(`state of ${type} ${id}: writing answered ${answer.status} ${answer.text}`);
    },
  };
}
