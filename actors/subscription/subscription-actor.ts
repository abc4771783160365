import type { MarqueeEvent } from '../../services/shared/events.ts';
import { accept, type Result, reject } from '../../services/shared/result.ts';
import type { Sidecar } from '../../services/shared/sidecar.ts';
import type { Instant } from '../../services/shared/time.ts';
import type { ActorMethod, ActorResponse, ActorType } from '../host/actor-type.ts';
import type { Clock, TurnResult } from '../host/aggregate.ts';
import { originOf } from '../host/turn/origin.ts';
import { createTurnTaker } from '../host/turn/take-turn.ts';
import type { Change, RequestedChange } from './command-schemas.ts';
import * as schemas from './command-schemas.ts';
import type { PlannedCommand } from './query-schemas.ts';
import { tellAgainSchema } from './query-schemas.ts';
import { tellAgain } from './republish.ts';
import { resourceOf, type SubscriptionResource } from './rules/resource.ts';
import type { Subscription, SubscriptionCommand, Terms } from './rules/subscription.ts';
import { subscriptionAggregate } from './subscription-aggregate.ts';
import { type InvoicesOf, snapshotOf, subscriptionActorType, subscriptionQueries } from './subscription-queries.ts';

export { subscriptionActorType } from './subscription-queries.ts';

export type SubscriptionActorSettings = {
  readonly sidecar: Sidecar;
  readonly publish: (events: readonly MarqueeEvent[]) => Promise<void>;
  readonly now: () => Instant;
  readonly guardMillis: number;
  readonly onQuarantine: (id: string, violation: string) => void;
  /** Asks the catalogue for the terms of a wished change, without coming back to the actor, whose turn waits meanwhile. */
  readonly termsOf: (subscription: SubscriptionResource, wish: RequestedChange) => Promise<Result<Terms>>;
  /** Asks invoicing what invoices these requests would become, likewise. */
  readonly invoicesOf: InvoicesOf;
};

type CommandMaker = {
  readonly schema: ActorMethod['schema'];
  readonly make: (id: string, body: never) => Promise<Result<SubscriptionCommand>> | Result<SubscriptionCommand>;
};

/** The commands of people and services, by the name they are called by: what each takes, and what it asks of the rules. */
function commandTable({ sidecar, termsOf }: SubscriptionActorSettings): Readonly<Record<string, CommandMaker>> {
  const plain = (type: SubscriptionCommand['type'], schema: ActorMethod['schema']): CommandMaker => ({
    schema,
    make: (_, body: object) => accept({ type, ...body } as SubscriptionCommand),
  });
  /** Who is no service of ours names a plan: its terms are looked up before the turn begins, which decides on complete ones. */
  const change = async (id: string, body: Change): Promise<Result<SubscriptionCommand>> => {
    const { terms: given, planId, planVersion, interval, quantity, addOns, ...how } = body;
    const terms = given ? accept(given) : await wishedTerms(id, { planId, planVersion, interval, quantity, addOns });
    return terms.ok ? accept({ type: 'change', ...how, terms: terms.value } as SubscriptionCommand) : terms;
  };
  const wishedTerms = async (id: string, wish: RequestedChange): Promise<Result<Terms>> => {
    const snapshot = await snapshotOf(sidecar, id);
    if (!snapshot?.state) return reject('subscription-not-found', `There is no subscription ${id}.`);
    return termsOf(resourceOf(snapshot.state, null), wish);
  };

  return {
    recordPayment: plain('recordPayment', schemas.recordPaymentSchema),
    recordCreditNote: plain('recordCreditNote', schemas.recordCreditNoteSchema),
    recordPaymentMethod: plain('recordPaymentMethod', schemas.recordPaymentMethodSchema),
    change: { schema: schemas.changeSchema, make: change },
    withdrawChange: plain('withdrawChange', schemas.nothingSchema),
    changeAnchor: plain('changeAnchor', schemas.anchorSchema),
    applyCoupon: plain('applyCoupon', schemas.applyCouponSchema),
    removeCoupon: plain('removeCoupon', schemas.removeCouponSchema),
    charge: plain('charge', schemas.chargeSchema),
    cancel: plain('cancel', schemas.cancelSchema),
    uncancel: plain('uncancel', schemas.nothingSchema),
    pause: plain('pause', schemas.pauseSchema),
    resume: plain('resume', schemas.resumeSchema),
    reactivate: plain('reactivate', schemas.reactivateSchema),
    retryPayment: plain('retryPayment', schemas.nothingSchema),
  };
}

/** The thin shell around the rules: its methods are this table and nothing else. */
export function subscriptionActor(settings: SubscriptionActorSettings): ActorType {
  const { takeTurn, forget } = createTurnTaker({ aggregate: subscriptionAggregate, ...settings });
  const commands = commandTable(settings);

  const called = ({ schema, make }: CommandMaker): ActorMethod => ({
    schema,
    run: async (id, body, caller) => {
      const command = await make(id, body as never);
      return command.ok ? answerOf(await takeTurn(id, command.value, originOf(caller, body))) : command;
    },
  });
  /** A command that is only thought of: checked like a real one, under the pointer at which it stands. */
  const commandOf = async (id: string, { command, body }: PlannedCommand): Promise<Result<SubscriptionCommand>> => {
    const { schema, make } = commands[command] as CommandMaker;
    const checked = schema.safeParse(body);
    if (checked.success) return make(id, checked.data as never);
    const [issue] = checked.error.issues;
    return reject('body-invalid', issue?.message ?? 'The body does not fit.', `/${['body', ...(issue?.path ?? [])].join('/')}`);
  };

  return {
    type: subscriptionActorType,
    forget,
    remind: async (id, name, fired) => {
      await takeTurn(id, { type: 'wake' }, { by: 'reminder', name, ...fired });
    },
    methods: {
      start: {
        schema: schemas.startSchema,
        run: async (id, { clock, ...body }: { clock: Clock }, caller) =>
          answerOf(await takeTurn(id, { type: 'start', id, ...body } as SubscriptionCommand, originOf(caller, body), clock)),
      },
      ...Object.fromEntries(Object.entries(commands).map(([name, maker]) => [name, called(maker)])),
      wake: {
        schema: schemas.wakeSchema,
        run: async (id, { clockNow }: { clockNow: Instant | null }) =>
          answerOf(await takeTurn(id, { type: 'wake' }, { by: 'hint', clockNow })),
      },
      tellAgain: { schema: tellAgainSchema, run: (id, { invoiceId }: { invoiceId: string }) => tellAgain(settings, id, invoiceId) },
      ...subscriptionQueries({ ...settings, commandOf }),
    },
  };
}

const answerOf = (answer: TurnResult<Subscription>): ActorResponse =>
  answer.ok ? { ok: true, subscription: resourceOf(answer.state, answer.clock?.id ?? null), events: answer.eventIds } : answer;
