import type { Logger } from 'pino';
import { fromCloudEvent, type MarqueeEvent } from '../shared/events.ts';
import { type Reaction, reactsTo } from '../shared/reaction.ts';
import type { Service } from '../shared/service.ts';
import type { TestClockSettlement } from '../shared/test-clock-settlement.ts';

export type Delivery = 'SUCCESS' | 'RETRY' | 'DROP';

/**
 * Told of each event's handling, for metrics: service, type, whether it was done, and milliseconds.
 */
export type Observe = (service: string, type: string, done: boolean, millis: number) => void;

/**
 * Hands delivered events to every service of this process that listens to them, all services at
 * once, and answers per event: RETRY while any of them failed (the others see a repeat then, which
 * changes nothing), DROP for what is no event of ours.
 */
export function createEventDelivery(services: readonly Service[], settlement: TestClockSettlement, log: Logger, observe: Observe) {
  const listeners = services.flatMap((service) => service.reactions.map((reaction) => ({ service: service.name, reaction })));

  return async (envelopes: readonly unknown[]): Promise<Delivery[]> => {
    const events = envelopes.map(fromCloudEvent);
    const known = events.filter((event) => event !== undefined);
    const failed = new Set<string>();
    const follows = new Map<string, string[]>();
    await Promise.all(
      listeners.map(async ({ service, reaction }) => {
        const wanted = unique(known.filter((event) => reactsTo(reaction, event.type)));
        if (wanted.length === 0) return;
        const started = performance.now();
        const done = await react(reaction, wanted, (event, ids) => follows.set(event.id, [...(follows.get(event.id) ?? []), ...ids]));
        for (const { event, error } of done) {
          failed.add(event.id);
          log.warn({ service, type: event.type, id: event.id, err: error }, 'reaction failed, the event will be delivered again');
        }
        const bad = new Set(done.map(({ event }) => event.id));
        for (const event of wanted) observe(service, event.type, !bad.has(event.id), (performance.now() - started) / wanted.length);
      }),
    );
    await settlement.note(known.filter((event) => !failed.has(event.id)).map((event) => ({ event, follows: follows.get(event.id) ?? [] })));
    return events.map((event) => (event === undefined ? 'DROP' : failed.has(event.id) ? 'RETRY' : 'SUCCESS'));
  };
}

type Failure = { readonly event: MarqueeEvent; readonly error: Error };

/**
 * The whole batch at once; where that throws, one by one, so that one bad event holds back no
 * other. Answers the failures.
 */
async function react(
  reaction: Reaction,
  events: readonly MarqueeEvent[],
  note: (event: MarqueeEvent, follows: readonly string[]) => void,
): Promise<readonly Failure[]> {
  try {
    const follows = (await reaction.handle(events)) ?? [];
    for (const event of events) note(event, follows);
    return [];
  } catch (error) {
    if (events.length === 1) return [{ event: events[0] as MarqueeEvent, error: error as Error }];
  }
  const failures: Failure[] = [];
  for (const event of events) failures.push(...(await react(reaction, [event], note)));
  return failures;
}

const unique = (events: readonly MarqueeEvent[]): MarqueeEvent[] => [...new Map(events.map((event) => [event.id, event])).values()];
