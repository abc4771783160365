import type { EventPattern } from './contracts/events.ts';
import type { MarqueeEvent } from './events.ts';

/** Returns the ids of the events that follow, so that a test clock knows which ones to wait for. */
type Handle<Pattern extends EventPattern> = (events: readonly MarqueeEvent<Pattern>[]) => Promise<readonly string[]> | Promise<void>;

/**
 * The reaction of a service to events. It receives all matching events of a delivery in one call,
 * so that it can write once. Delivery is at least once and may be reordered: each write is an
 * upsert or an insert under a derived id. A rejection means "not yet": the host then tries the
 * events one by one, and the broker redelivers those that still fail.
 */
export type Reaction = {
  /** Event types, or `noun.*` for every event of a noun, or `*`. */
  readonly to: readonly EventPattern[];
  readonly handle: Handle<'*'>;
};

/** A reaction whose handler receives exactly the events that match one of the patterns. */
export const reaction = <const Pattern extends EventPattern>(to: readonly Pattern[], handle: Handle<Pattern>): Reaction => ({
  to,
  // The host passes to a reaction only the events for which `reactsTo` holds.
  handle: handle as Handle<never> as Handle<'*'>,
});

/** True if the reaction receives events of this type. */
export const reactsTo = ({ to }: Reaction, type: string): boolean =>
  to.some((pattern) => pattern === type || pattern === '*' || (pattern.endsWith('.*') && type.startsWith(pattern.slice(0, -1))));
