import type { ActorType, Caller } from '../../actors/host/actor-type.ts';
import type { Snapshot } from '../../actors/host/aggregate.ts';
import { createTurnQueue } from '../../actors/host/one-turn-at-a-time.ts';
import type { ReminderPayload } from '../../actors/host/reminders.ts';
import { subscriptionClient } from '../../actors/subscription/client.ts';
import type { Subscription } from '../../actors/subscription/rules/subscription.ts';
import { nextWake } from '../../actors/subscription/rules/wake.ts';
import { subscriptionActor } from '../../actors/subscription/subscription-actor.ts';
import type { MarqueeEvent } from '../../services/shared/events.ts';
import type { Sidecar } from '../../services/shared/sidecar.ts';
import type { Instant } from '../../services/shared/time.ts';
import { sidecarInMemory } from './sidecar-in-memory.ts';
import { start } from './subscription-life.ts';

const guardMillis = 60_000;

/** Real subscription actors over a sidecar in memory, which services reach through their client. */
export function actorWorld(at: Instant) {
  const memory = sidecarInMemory(at);
  const published: MarqueeEvent[] = [];
  const quarantined: string[] = [];
  const turns = createTurnQueue();
  const startActor = () =>
    subscriptionActor({
      sidecar: memory.sidecar,
      publish: async (events) => {
        if (events.length > 0) await memory.listed('publish', () => void published.push(...events));
      },
      now: memory.now,
      guardMillis,
      onQuarantine: (id, violation) => quarantined.push(`${id}: ${violation}`),
      termsOf: async () => ({ ok: false, rejection: { code: 'plan-not-found', message: 'There is no catalogue.' } }),
      invoicesOf: async () => [],
    });
  let actor = startActor();

  const sidecar: Sidecar = {
    ...memory.sidecar,
    start: async (_method, path, body = {}, headers = {}) => {
      const [, id = '', name = ''] = /^\/v1\.0\/actors\/Subscription\/([^/]+)\/method\/(.+)$/.exec(path) ?? [];
      try {
        return { status: 200, text: JSON.stringify(await turns(id, () => call(actor, id, name, body, headers))) };
      } catch (error) {
        return { status: 500, text: String(error) };
      }
    },
  };
  const client = subscriptionClient(sidecar);
  const snapshotOf = (id = 'sub_1') => memory.stored<Snapshot<Subscription>>(`Subscription||${id}`, 'agg');

  return {
    memory,
    published,
    quarantined,
    client,
    snapshotOf,
    reminders: (id = 'sub_1') => memory.armed(`Subscription||${id}`),
    /** Starts the subscription `sub_1`. */
    begin: async (): Promise<void> => {
      const { type: _t, id, ...body } = start();
      await client.start(id, body);
    },
    /** Advances the time; due reminders start turns. */
    runUntil: (until: Instant) =>
      memory.runUntil(until, (id, name, data) => turns(id, () => actor.remind(id, name, data as ReminderPayload))),
    /** The process dies when the next turn has committed: from then on every call of it fails. */
    dieAfterCommit: (): void => {
      let isDead = false;
      const die = () => {
        isDead = true;
        throw new Error('the process died');
      };
      memory.onCall({
        before: () => {
          if (isDead) die();
        },
        after: (call) => {
          if (call.startsWith('write')) die();
        },
      });
    },
    /** A new process over the same store, without memory. */
    restart: (): void => {
      memory.onCall({});
      actor = startActor();
    },
    /** What a turn has left undone: events not published, and a wake without a reminder. */
    undone: (id = 'sub_1'): readonly string[] => {
      const snapshot = snapshotOf(id);
      if (!snapshot?.state) return ['there is no subscription'];
      const ids = new Set(published.map((event) => event.id));
      const sequences = Array.from({ length: snapshot.sequence }, (_, index) => `${id}:${index + 1}`);
      const wake = nextWake(snapshot.state);
      const isArmed = wake === undefined || wake.reminder in memory.armed(`Subscription||${id}`);
      return [...sequences.filter((event) => !ids.has(event)), ...(isArmed ? [] : [`${wake.reminder} is not armed`])];
    },
  };
}

async function call(actor: ActorType, id: string, name: string, body: unknown, headers: Readonly<Record<string, string>>) {
  const method = actor.methods[name];
  if (method === undefined) throw new Error(`there is no method ${name}`);
  const caller: Caller = {
    origin: headers['marquee-origin'] === 'event' ? 'event' : 'call',
    idempotencyKey: headers['idempotency-key'] ?? null,
  };
  return method.run(id, method.schema.parse(body), caller);
}
