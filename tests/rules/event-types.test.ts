import test from 'ava';
import fc from 'fast-check';
import { z } from 'zod';
import { evolve } from '../../actors/subscription/rules/evolve.ts';
import type { Subscription } from '../../actors/subscription/rules/subscription.ts';
import { subscriptionAggregate } from '../../actors/subscription/subscription-aggregate.ts';
import { type EventTypeOf, eventSchemas } from '../../services/shared/contracts/events.ts';
import { type MarqueeEvent, newEvent } from '../../services/shared/events.ts';
import { reaction } from '../../services/shared/reaction.ts';
import { invoiceFinalised } from '../support/money-events.ts';
import { lifeArbitrary, type RandomLife, turnsOf } from '../support/random-subscription.ts';
import { given, start } from '../support/subscription-life.ts';
import { publishedBy } from '../support/subscription-story.ts';

/**
 * Events that the compiler refuses: each directive is itself an error where the line below it
 * compiles.
 */
test('an event has a type of the contract and the data of its type', (t) => {
  const about = { subject: 'gift_1', sequence: 2, time: '2026-01-31T12:00:00.000Z', customerId: 'cus_1', testClock: null };
  const data = { invoiceId: 'inv_gift_1_1', attempt: 2 };
  const event = newEvent({ type: 'gift.retry-due', ...about, data });
  // @ts-expect-error an event that no contract describes
  newEvent({ type: 'gift.lost', ...about, data });
  // @ts-expect-error the attempt is missing
  newEvent({ type: 'gift.retry-due', ...about, data: { invoiceId: 'inv_gift_1_1' } });
  // @ts-expect-error data that fits only one of the two types
  newEvent({ type: event.sequence > 1 ? 'gift.retry-due' : 'gift.purchased', ...about, data });
  // @ts-expect-error a pattern that matches no event
  reaction(['gifts.*'], async () => undefined);
  // @ts-expect-error invoices have no attempt
  reaction(['invoice.paid', 'gift.*'], async (events) => events.map(({ data: { attempt } }) => String(attempt)));
  t.is(event.id, 'gift_1:2');
});

/** The events that the actor of a random life publishes, as they arrive. */
function publishedIn(life: RandomLife): readonly MarqueeEvent[] {
  let state: Subscription | undefined;
  return turnsOf(life)
    .flatMap(({ events }) => events)
    .map((event, index) => {
      const before = state;
      state = evolve(before, event);
      return subscriptionAggregate.toMarqueeEvent(event, index + 1, before, state, null);
    });
}

/** Random lives contain no credit notes. */
const credited = publishedBy(
  [
    [start(), '2026-01-15'],
    [
      { type: 'recordCreditNote', creditNoteId: 'cn_1', invoiceId: 'inv_sub_1_1', returned: [{ planId: 'plan_basic', amount: 100 }] },
      '2026-01-20',
    ],
  ],
  '2026-01-21',
);

/** The events of a quarantine, which no life of the rules comes into. */
function inQuarantine(): readonly MarqueeEvent[] {
  const state = given([start(), '2026-01-15']).before as Subscription;
  const { quarantined, released } = subscriptionAggregate.quarantineEvents as NonNullable<typeof subscriptionAggregate.quarantineEvents>;
  const events = [quarantined(state, 'the number of the period falls', state.updatedAt), released(state, state.updatedAt)];
  return events.map((event, index) =>
    subscriptionAggregate.toMarqueeEvent(event, state.sequence + index + 1, state, evolve(state, event), null),
  );
}

test('law: every event of random lives fits its contract, and every type of event is among them', (t) => {
  const seen = new Set<string>();
  for (const event of [...credited, ...inQuarantine(), ...fc.sample(lifeArbitrary, { numRuns: 500, seed: 42 }).flatMap(publishedIn)]) {
    const { error } = eventSchemas[event.type as EventTypeOf<'subscription'>].safeParse(JSON.parse(JSON.stringify(event.data)));
    t.is(error, undefined, error && `${event.type}: ${z.prettifyError(error)}`);
    seen.add(event.type);
  }
  const expected = Object.keys(eventSchemas).filter((type) => type.startsWith('subscription.'));
  t.deepEqual([...seen].sort(), expected.sort());
});

test('a payload without one of its fields, or with another type in it, breaks the contract, and an unknown field does not', (t) => {
  const { data } = invoiceFinalised();
  const schema = eventSchemas['invoice.finalised'];
  t.true(schema.safeParse({ ...data, later: 'field' }).success);
  t.false(schema.safeParse({ ...data, total: '1799' }).success);
  t.false(schema.safeParse({ ...data, number: undefined }).success);
});
