import { type MarqueeEvent, newEvent } from '../../services/shared/events.ts';
import { accept, type Result } from '../../services/shared/result.ts';
import type { Sidecar } from '../../services/shared/sidecar.ts';
import type { Instant } from '../../services/shared/time.ts';
import { actorState } from '../host/actor-state.ts';
import type { ActorAnswer, ActorMethod, ActorType, Caller } from '../host/actor-type.ts';
import type { Aggregate, Clock, Refused, Snapshot, TurnAnswer } from '../host/aggregate.ts';
import { readEvents } from '../host/history.ts';
import { originOf } from '../host/origin.ts';
import { createTurnTaker } from '../host/turn.ts';
import { decide } from './decide.ts';
import { evolve } from './evolve.ts';
import { violation } from './invariants.ts';
import { changedFields, resourceOf, type SubscriptionResource } from './resource.ts';
import type { Change, ChangeWish } from './schemas.ts';
import * as schemas from './schemas.ts';
import type { Subscription, SubscriptionCommand, SubscriptionEvent, Terms } from './subscription.ts';
import { nextWake } from './wake.ts';

export const subscriptionActorType = 'Subscription';

/** The subscription's rules as the host's turn takes them. */
export const subscriptionAggregate: Aggregate<Subscription, SubscriptionCommand, SubscriptionEvent> = {
  type: subscriptionActorType,
  reminders: ['renewal', 'dunning'],
  decide,
  evolve,
  nextWake,
  isWaiting: ({ reason }) => reason === 'payment-pending',
  violation,
  toMarqueeEvent: (event, sequence, before, after, clock) => {
    const { type, at, ...rest } = event;
    const subscription = resourceOf(after, clock?.id ?? null);
    const previous = before ? changedFields(resourceOf(before, clock?.id ?? null), subscription) : {};
    return newEvent({
      type,
      subject: after.id,
      sequence,
      time: at,
      customerId: after.customerId,
      testClock: clock?.id ?? null,
      data: { subscription, previous, ...rest },
    });
  },
};

export type SubscriptionActorSettings = {
  readonly sidecar: Sidecar;
  readonly publish: (events: readonly MarqueeEvent[]) => Promise<void>;
  readonly now: () => Instant;
  readonly guardMillis: number;
  readonly onQuarantine: (id: string, violation: string) => void;
  /** Asks the catalogue for the terms of a wished change, without coming back to the actor, whose turn waits meanwhile. */
  readonly termsOf: (subscription: SubscriptionResource, wish: ChangeWish) => Promise<Result<Terms>>;
};

/** The thin shell around the rules: its methods are this table and nothing else. */
export function subscriptionActor(settings: SubscriptionActorSettings): ActorType {
  const { take, forget } = createTurnTaker({ aggregate: subscriptionAggregate, ...settings });

  const command = (schema: ActorMethod['schema'], toCommand: (body: never, id: string) => SubscriptionCommand): ActorMethod => ({
    schema,
    run: async (id, body, caller) => answerOf(await take(id, toCommand(body as never, id), originOf(caller, body))),
  });
  const plain = (type: SubscriptionCommand['type'], schema: ActorMethod['schema']): ActorMethod =>
    command(schema, (body: object) => ({ type, ...body }) as SubscriptionCommand);

  /** Who is no service of ours names a plan: its terms are looked up before the turn begins, which decides on complete ones. */
  const change = async (id: string, body: Change, caller: Caller): Promise<ActorAnswer> => {
    const { terms: given, planId, planVersion, interval, quantity, addOns, ...how } = body;
    const terms = given ? accept(given) : await wishedTerms(id, { planId, planVersion, interval, quantity, addOns });
    if (!terms.ok) return terms;
    return answerOf(await take(id, { type: 'change', ...how, terms: terms.value } as SubscriptionCommand, originOf(caller, body)));
  };
  const wishedTerms = async (id: string, wish: ChangeWish): Promise<Result<Terms>> => {
    const snapshot = await snapshotOf(settings.sidecar, id);
    return snapshot?.state ? settings.termsOf(resourceOf(snapshot.state, null), wish) : missing(id);
  };

  return {
    type: subscriptionActorType,
    forget,
    remind: async (id, name, fired) => {
      await take(id, { type: 'wake' }, { by: 'reminder', name, ...fired });
    },
    methods: {
      start: {
        schema: schemas.startSchema,
        run: async (id, { clock, ...body }: { clock: Clock }, caller) =>
          answerOf(await take(id, { type: 'start', id, ...body } as SubscriptionCommand, originOf(caller, body), clock)),
      },
      recordPayment: plain('recordPayment', schemas.recordPaymentSchema),
      recordPaymentMethod: plain('recordPaymentMethod', schemas.recordPaymentMethodSchema),
      change: { schema: schemas.changeSchema, run: change },
      withdrawChange: plain('withdrawChange', schemas.nothingSchema),
      changeAnchor: plain('changeAnchor', schemas.anchorSchema),
      applyCoupon: plain('applyCoupon', schemas.applyCouponSchema),
      removeCoupon: plain('removeCoupon', schemas.removeCouponSchema),
      charge: plain('charge', schemas.chargeSchema),
      reactivate: plain('reactivate', schemas.reactivateSchema),
      cancel: plain('cancel', schemas.cancelSchema),
      uncancel: plain('uncancel', schemas.nothingSchema),
      pause: plain('pause', schemas.pauseSchema),
      resume: plain('resume', schemas.resumeSchema),
      retryPayment: plain('retryPayment', schemas.nothingSchema),
      wake: {
        schema: schemas.wakeSchema,
        run: async (id, { clockNow }: { clockNow: Instant | null }) => answerOf(await take(id, { type: 'wake' }, { by: 'hint', clockNow })),
      },
      get: { schema: schemas.nothingSchema, run: (id) => get(settings.sidecar, id) },
      history: { schema: schemas.historySchema, run: (id, body) => history(settings.sidecar, id, body) },
    },
  };
}

const answerOf = (answer: TurnAnswer<Subscription>): ActorAnswer =>
  answer.ok ? { ok: true, subscription: resourceOf(answer.state, answer.clock?.id ?? null), events: answer.eventIds } : answer;

const missing = (id: string): Refused => ({
  ok: false,
  rejection: { code: 'subscription-not-found', message: `There is no subscription ${id}.` },
});

const snapshotOf = (sidecar: Sidecar, id: string) => actorState(sidecar, subscriptionActorType, id).read<Snapshot<Subscription>>('agg');

async function get(sidecar: Sidecar, id: string): Promise<ActorAnswer> {
  const snapshot = await snapshotOf(sidecar, id);
  if (!snapshot?.state) return missing(id);
  return { ok: true, subscription: resourceOf(snapshot.state, snapshot.clock?.id ?? null), quarantine: snapshot.quarantine };
}

/** Events `from + 1 ..`, each with its sequence: the subscription's own record, immutable. */
async function history(sidecar: Sidecar, id: string, { from, limit }: { from: number; limit: number }): Promise<ActorAnswer> {
  const snapshot = await snapshotOf(sidecar, id);
  if (!snapshot?.state) return missing(id);
  const to = Math.min(snapshot.sequence, from + limit);
  const events = await readEvents<SubscriptionEvent>(actorState(sidecar, subscriptionActorType, id), Math.min(from, to), to);
  return { ok: true, events: events.map((event, index) => ({ sequence: from + index + 1, ...event })), last: snapshot.sequence };
}
