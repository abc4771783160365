import { setTimeout as pause } from 'node:timers/promises';
import { currentTrace } from '../shared/context.ts';
import { type MarqueeEvent, toCloudEvent } from '../shared/events.ts';
import { passes } from '../shared/fault-points.ts';
import type { Sidecar } from '../shared/sidecar.ts';

export const pubsubName = 'pubsub';
export const eventsTopic = 'events';
export const deadTopic = 'events-dead';

export type Publisher = {
  /**
   * Resolves when the broker has taken all of them; rejects when it has not taken some, or when too
   * many wait for it already. A repeat is known by its id.
   */
  readonly publish: (events: readonly MarqueeEvent[]) => Promise<void>;
  /** Sends what is waiting, for this long at most. What is left is published again by its owner. */
  readonly drain: (millis: number) => Promise<void>;
};

type Waiting = {
  readonly id: string;
  /** The whole event, so that an event under the same id counts as a repeat only if it is equal. */
  readonly text: string;
  readonly event: Record<string, unknown>;
  readonly bytes: number;
  readonly sent: Promise<void>;
  readonly done: () => void;
  readonly failed: (error: Error) => void;
};

const millisToGather = 3;
const eventsPerCall = 100;
/** Half of what a sidecar takes (`maxBodySize`), because the size of an envelope is an estimate. */
const bytesPerCall = 4 * 1024 * 1024;
const callsAtOnce = 4;
/** Events that wait while the broker is unavailable; further ones are refused. */
const mostWaiting = 20_000;
const bytesOfEnvelope = 500;

/**
 * Gathers the events of many turns and reactions for a few milliseconds and publishes them in one
 * call: batches, not speed, make throughput.
 */
export function createPublisher(sidecar: Sidecar): Publisher {
  const waiting: Waiting[] = [];
  let timer: NodeJS.Timeout | undefined;
  const underWay = new Set<Promise<void>>();
  const known = new Map<string, Waiting>();

  const flush = (): void => {
    timer = undefined;
    while (waiting.length > 0 && underWay.size < callsAtOnce) {
      const batch = waiting.splice(0, nextBatchSize(waiting));
      const call = send(sidecar, batch).finally(() => {
        underWay.delete(call);
        if (waiting.length > 0) flush();
      });
      underWay.add(call);
    }
  };

  const enqueue = async (event: MarqueeEvent): Promise<void> => {
    const text = JSON.stringify(event);
    const repeated = known.get(event.id);
    if (repeated?.text === text) return repeated.sent;
    if (waiting.length >= mostWaiting) throw new Error('publish: too many events wait for the broker');
    const { promise: sent, resolve: done, reject: failed } = Promise.withResolvers<void>();
    const envelope = toCloudEvent(event, new Date().toISOString(), currentTrace()?.traceparent);
    const bytes = Buffer.byteLength(text) + bytesOfEnvelope;
    const entry: Waiting = { id: event.id, text, event: envelope, bytes, sent, done, failed };
    waiting.push(entry);
    known.set(event.id, entry);
    if (waiting.length >= eventsPerCall) flush();
    else if (timer === undefined) timer = setTimeout(flush, millisToGather);
    try {
      await sent;
    } finally {
      if (known.get(event.id) === entry) known.delete(event.id);
    }
  };

  return {
    publish: async (events) => {
      await Promise.all(events.map(enqueue));
    },
    drain: async (millis) => {
      const late = pause(millis, undefined, { ref: false });
      const end = performance.now() + millis;
      for (flush(); (underWay.size > 0 || waiting.length > 0) && performance.now() < end; flush())
        await Promise.race([Promise.all(underWay), late]);
    },
  };
}

/** The events of the next call: as many as fit, and at least one. */
function nextBatchSize(waiting: readonly Waiting[]): number {
  let bytes = 0;
  const tooMany = waiting.slice(0, eventsPerCall).findIndex((each, index) => {
    bytes += each.bytes;
    return index > 0 && bytes > bytesPerCall;
  });
  return tooMany === -1 ? eventsPerCall : tooMany;
}

async function send(sidecar: Sidecar, batch: readonly Waiting[]): Promise<void> {
  passes('publish.before');
  const entries = batch.map(({ event }, index) => ({
    entryId: String(index),
    event,
    contentType: 'application/cloudevents+json',
    metadata: { partitionKey: String(event.customerid) },
  }));
  try {
    const answer = await sidecar.within('POST', `/v1.0/publish/bulk/${pubsubName}/${eventsTopic}`, entries);
    if (answer.status === 204 || answer.status === 200) {
      for (const { done } of batch) done();
      return;
    }
    const refused = failedEntries(answer.text);
    batch.forEach(({ done, failed }, index) => {
      if (refused && !refused.has(String(index))) done();
      else failed(new Error(`publish: the broker answered ${answer.status}`));
    });
  } catch (error) {
    for (const { failed } of batch) failed(error as Error);
  }
}

function failedEntries(text: string): ReadonlySet<string> | undefined {
  try {
    const { failedEntries } = JSON.parse(text) as { failedEntries?: readonly { entryId: string }[] };
    return failedEntries && new Set(failedEntries.map(({ entryId }) => entryId));
  } catch {
    return undefined;
  }
}
