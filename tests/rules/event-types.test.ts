import test from 'ava';
import fc from 'fast-check';
import { z } from 'zod';
import { evolve } from '../../actors/subscription/rules/evolve.ts';
import type { SubscriptionResource as RulesResource } from '../../actors/subscription/rules/resource.ts';
import type { InvoiceRequest as RulesRequest, Subscription, SubscriptionEvent } from '../../actors/subscription/rules/subscription.ts';
import { subscriptionAggregate } from '../../actors/subscription/subscription-aggregate.ts';
import { type EventData, type EventTypeOf, eventSchemas } from '../../services/shared/contracts/events.ts';
import type { InvoiceRequest } from '../../services/shared/contracts/invoice-request.ts';
import type { SubscriptionResource } from '../../services/shared/contracts/subscription-resource.ts';
import type { MarqueeEvent } from '../../services/shared/events.ts';
import { invoiceFinalised } from '../support/money-events.ts';
import { lifeArbitrary, type RandomLife, turnsOf } from '../support/random-subscription.ts';
import { start } from '../support/subscription-life.ts';
import { publishedBy } from '../support/subscription-story.ts';

type Equal<One, Other> = [One] extends [Other] ? ([Other] extends [One] ? true : false) : false;
type Fits<Given, Contract> = [Given] extends [Contract] ? true : false;

type Happened<Type extends SubscriptionEvent['type']> = Extract<SubscriptionEvent, { readonly type: Type }>;
type OwnFields<Type extends EventTypeOf<'subscription'>> = Omit<EventData<Type>, 'subscription' | 'previous' | 'policy'>;
type FitsEach = {
  readonly [Type in EventTypeOf<'subscription'>]: Fits<Omit<Happened<Type>, 'type' | 'at' | 'policy'>, OwnFields<Type>>;
};

test('the rules of the subscription, which know no schema, build events that fit the contract', (t) => {
  const types: Equal<SubscriptionEvent['type'], EventTypeOf<'subscription'>> = true;
  const resource: Fits<RulesResource, SubscriptionResource> = true;
  const back: Fits<SubscriptionResource, RulesResource> = true;
  const request: Fits<RulesRequest, InvoiceRequest> = true;
  const payloads: FitsEach[keyof FitsEach] = true;
  t.true(types && resource && back && request && payloads);
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

test('law: every event of random lives fits its contract, and every type of event is among them', (t) => {
  const seen = new Set<string>();
  for (const event of [...credited, ...fc.sample(lifeArbitrary, { numRuns: 500, seed: 42 }).flatMap(publishedIn)]) {
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
