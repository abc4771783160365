import type { EventData, EventPattern, EventType, MatchingType } from './contracts/events.ts';
import type { Instant } from './time.ts';

type EventOf<Type extends EventType> = {
  readonly id: string;
  readonly type: Type;
  readonly subject: string;
  readonly sequence: number;
  readonly time: Instant;
  /** Partition key: events of one customer stay in order where the broker has partitions. */
  readonly customerId: string;
  readonly testClock: string | null;
  readonly data: EventData<Type>;
};

/**
 * A published event. `id` is `<subject>:<sequence>`: it identifies a repeat, and the sequence shows
 * a gap. `time` is domain time: that of the test clock where the subject lives on one, else that of
 * the system. The parameter names types or patterns: `MarqueeEvent<'invoice.paid' | 'dispute.*'>`
 * is the union of the events that match, distinguished by `type`.
 */
export type MarqueeEvent<Pattern extends EventPattern = '*'> = {
  readonly [Type in MatchingType<Pattern>]: EventOf<Type>;
}[MatchingType<Pattern>];

/** An event before it has its id. */
type NewEvent<Type extends EventType> = { readonly [Each in Type]: Omit<EventOf<Each>, 'id'> }[Type];

export const eventId = (subject: string, sequence: number): string => `${subject}:${sequence}`;

/** The event with its id. `data` must be what the contract declares for the type. */
export const newEvent = <Type extends EventType>(event: { readonly type: Type } & NewEvent<Type>): MarqueeEvent<Type> =>
  withId(event) as MarqueeEvent<Type>;

const withId = <Event extends Omit<EventOf<EventType>, 'id'>>(event: Event) => ({ id: eventId(event.subject, event.sequence), ...event });

/**
 * The event as a CloudEvent 1.0 in structured mode, its own attributes as lower-case extensions.
 */
export function toCloudEvent(event: MarqueeEvent, publishedAt: Instant, traceparent: string | undefined): Record<string, unknown> {
  return {
    specversion: '1.0',
    id: event.id,
    type: event.type,
    source: `/marquee/${event.type.slice(0, event.type.indexOf('.'))}`,
    subject: event.subject,
    time: event.time,
    datacontenttype: 'application/json',
    dataschema: `urn:marquee:events:${event.type}:1`,
    sequence: String(event.sequence),
    customerid: event.customerId,
    publishedat: publishedAt,
    ...(event.testClock !== null && { testclock: event.testClock }),
    ...(traceparent !== undefined && { traceparent }),
    data: event.data,
  };
}

/**
 * The event inside a received CloudEvent; undefined for an envelope that is no event of Marquee and
 * can never be handled. `data` is not validated: only Marquee publishes to the topic, and the
 * compiler holds every publisher to the contract.
 */
export function fromCloudEvent(envelope: unknown): MarqueeEvent | undefined {
  if (typeof envelope !== 'object' || envelope === null) return undefined;
  const { id, type, subject, sequence, time, customerid, testclock, data } = envelope as Record<string, unknown>;
  if (typeof id !== 'string' || typeof type !== 'string' || typeof subject !== 'string' || typeof time !== 'string') return undefined;
  return {
    id,
    type,
    subject,
    sequence: Number(sequence),
    time,
    customerId: typeof customerid === 'string' ? customerid : '',
    testClock: typeof testclock === 'string' ? testclock : null,
    data,
  } as MarqueeEvent;
}
