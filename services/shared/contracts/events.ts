import { accessEvents } from './access-events.ts';
import { customerEvents } from './customer-events.ts';
import { dunningEvents } from './dunning-events.ts';
import { giftEvents } from './gift-events.ts';
import { invoiceEvents } from './invoice-events.ts';
import { paymentEvents } from './payment-events.ts';
import type { ResourceOf } from './resource-of.ts';
import { subscriptionEvents } from './subscription-events.ts';
import { testClockEvents } from './test-clock-events.ts';

/**
 * Every event that is published, by its type, with the schema of its `data`. The AsyncAPI document
 * is made from them.
 */
export const eventSchemas = {
  ...customerEvents,
  ...subscriptionEvents,
  ...invoiceEvents,
  ...paymentEvents,
  ...giftEvents,
  ...dunningEvents,
  ...accessEvents,
  ...testClockEvents,
};

/** `noun.past-verb`, for example `invoice.finalised`. */
export type EventType = keyof typeof eventSchemas;

type Payloads = { readonly [Type in EventType]: ResourceOf<(typeof eventSchemas)[Type]> };

/** `data` of an event of this type. */
export type EventData<Type extends EventType = EventType> = Payloads[Type];

/** The types of all events of a noun, for example of `customer`. */
export type EventTypeOf<Noun extends string> = Extract<EventType, `${Noun}.${string}`>;

/** The noun of an event type: `invoice` of `invoice.paid`. */
export type NounOf<Type> = Type extends `${infer Noun}.${string}` ? Noun : never;

/** An event type, `noun.*` for every event of a noun, or `*` for every event. */
export type EventPattern = EventType | `${NounOf<EventType>}.*` | '*';

/** The types of the events that match a pattern. */
export type MatchingType<Pattern extends EventPattern> = Pattern extends '*'
  ? EventType
  : Pattern extends `${infer Noun}.*`
    ? EventTypeOf<Noun>
    : Extract<Pattern, EventType>;
