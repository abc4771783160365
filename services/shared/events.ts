import type { Instant } from './time.ts';

/**
 * One published fact. `id` is `<subject>:<sequence>`, so a repeat is known by its id and a gap by
 * its number. `time` is domain time: the test clock's for what lives on one, else the system's.
 */
export type MarqueeEvent<Data = unknown> = {
  readonly id: string;
  /** `noun.past-verb`, for example `invoice.finalised`. */
  readonly type: string;
  readonly subject: string;
  readonly sequence: number;
  readonly time: Instant;
  /** Partition key: events of one customer stay in order where the broker has partitions. */
  readonly customerId: string;
  readonly testClock: string | null;
  readonly data: Data;
};

export const eventId = (subject: string, sequence: number): string => `${subject}:${sequence}`;

export const newEvent = <Data>(event: Omit<MarqueeEvent<Data>, 'id'>): MarqueeEvent<Data> => ({
  id: eventId(event.subject, event.sequence),
  ...event,
});

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
 * The event inside a received CloudEvent, or undefined where it is none of ours (it can then never
 * be handled).
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
  };
}
