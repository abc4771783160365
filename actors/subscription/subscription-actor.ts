import type { MarqueeEvent } from '../../services/shared/events.ts';
import type { Sidecar } from '../../services/shared/sidecar.ts';
import type { Instant } from '../../services/shared/time.ts';
import { type ActorType, actorMethod } from '../host/actor-type.ts';
import type { TurnResult } from '../host/aggregate.ts';
import { originOf } from '../host/turn/origin.ts';
import { createTurnTaker } from '../host/turn/take-turn.ts';
import { releaseQuarantineSchema, startSchema, wakeSchema } from './command-schemas.ts';
import { subscriptionCommands, type TermsOf } from './commands.ts';
import { republishSchema } from './query-schemas.ts';
import { republishInvoice } from './republish.ts';
import type { CommandResult } from './results.ts';
import { resourceOf } from './rules/resource.ts';
import type { Subscription } from './rules/subscription.ts';
import { subscriptionAggregate } from './subscription-aggregate.ts';
import { type InvoicesOf, subscriptionActorType, subscriptionQueries } from './subscription-queries.ts';

export { subscriptionActorType } from './subscription-queries.ts';

export type SubscriptionActorSettings = {
  readonly sidecar: Sidecar;
  readonly publish: (events: readonly MarqueeEvent[]) => Promise<void>;
  readonly now: () => Instant;
  readonly guardMillis: number;
  readonly onQuarantine: (id: string, violation: string) => void;
  /** Rejects while the clock of the host cannot be trusted. */
  readonly checkClock?: () => Promise<void>;
  readonly termsOf: TermsOf;
  readonly invoicesOf: InvoicesOf;
};

/** The shell around the rules: the actor's methods are this table and nothing else. */
export function subscriptionActor(settings: SubscriptionActorSettings): ActorType {
  const { takeTurn, releaseQuarantine, forget } = createTurnTaker({ aggregate: subscriptionAggregate, ...settings });
  const commands = subscriptionCommands({
    ...settings,
    run: async (id, command, body, caller) => resultOf(await takeTurn(id, command, originOf(caller, body))),
  });
  const commandMethods = Object.fromEntries(Object.entries(commands).map(([name, { method }]) => [name, method]));

  return {
    type: subscriptionActorType,
    forget,
    remind: async (id, name, payload) => {
      await takeTurn(id, { type: 'wake' }, { by: 'reminder', name, ...payload });
    },
    methods: {
      start: actorMethod(startSchema, async (id, { clock, ...body }, caller) =>
        resultOf(await takeTurn(id, { type: 'start', id, ...body }, originOf(caller, body), clock)),
      ),
      ...commandMethods,
      wake: actorMethod(wakeSchema, async (id, { clockNow }) => resultOf(await takeTurn(id, { type: 'wake' }, { by: 'hint', clockNow }))),
      releaseQuarantine: actorMethod(releaseQuarantineSchema, async (id, body, caller) =>
        resultOf(await releaseQuarantine(id, body, originOf(caller, body))),
      ),
      tellAgain: actorMethod(republishSchema, (id, { invoiceId }) => republishInvoice(settings, id, invoiceId)),
      ...subscriptionQueries({ ...settings, commandOf: (id, { command, body }) => commands[command].plan(id, body) }),
    },
  };
}

const resultOf = (turn: TurnResult<Subscription>): CommandResult =>
  turn.ok ? { ok: true, subscription: resourceOf(turn.state, turn.clock?.id ?? null), events: turn.eventIds } : turn;
