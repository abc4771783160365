import type { z } from 'zod';
import type { SubscriptionResource } from '../../services/shared/contracts/subscription-resource.ts';
import { accept, type Result, reject } from '../../services/shared/result.ts';
import type { Sidecar } from '../../services/shared/sidecar.ts';
import type { ActorMethod, Caller } from '../host/actor-type.ts';
import type { Change, CommandName, RequestedChange } from './command-schemas.ts';
import { commandSchemas as schemas } from './command-schemas.ts';
import type { CommandResult } from './results.ts';
import { resourceOf } from './rules/resource.ts';
import type { SubscriptionCommand, Terms } from './rules/subscription.ts';
import { missing, snapshotOf } from './subscription-queries.ts';

/**
 * Looks the terms of a requested change up in the catalogue. It must not call the actor, whose turn
 * is waiting.
 */
export type TermsOf = (subscription: SubscriptionResource, requested: RequestedChange) => Promise<Result<Terms>>;

export type CommandSettings = {
  readonly sidecar: Sidecar;
  readonly termsOf: TermsOf;
  /**
   * Takes the turn of a command that is complete. `body` is the body that its idempotency key
   * belongs to.
   */
  readonly run: (id: string, command: SubscriptionCommand, body: unknown, caller: Caller) => Promise<CommandResult>;
};

/**
 * A command of people or services: its method, and its form for the rules without taking a turn.
 */
export type Command = {
  readonly method: ActorMethod;
  /** Checks a body as the method does. A rejection points into it from `/body` on. */
  readonly plan: (id: string, body: unknown) => Promise<Result<SubscriptionCommand>>;
};

type Completed = Result<SubscriptionCommand> | Promise<Result<SubscriptionCommand>>;

/**
 * The commands of people and services by name; `wake` is not among them, as it comes from clocks.
 */
export function subscriptionCommands({ sidecar, termsOf, run }: CommandSettings): Readonly<Record<Exclude<CommandName, 'wake'>, Command>> {
  const completed = <Body>(schema: z.ZodType<Body>, complete: (body: Body, id: string) => Completed): Command => {
    const method: ActorMethod<Body> = {
      schema,
      run: async (id, body, caller) => {
        const command = await complete(body, id);
        return command.ok ? run(id, command.value, body, caller) : command;
      },
    };
    return { method: method as ActorMethod, plan: async (id, body) => plan(schema, body, (checked) => complete(checked, id)) };
  };
  const command = <Body>(schema: z.ZodType<Body>, commandOf: (body: Body) => SubscriptionCommand): Command =>
    completed(schema, (body) => accept(commandOf(body)));

  /**
   * A caller outside our services names a plan: its terms are looked up before the turn, which
   * needs complete ones.
   */
  const change = async (body: Change, id: string): Promise<Result<SubscriptionCommand>> => {
    const { terms: given, planId, planVersion, interval, quantity, addOns, ...how } = body;
    const terms = given ? accept(given) : await requestedTerms(id, { planId, planVersion, interval, quantity, addOns });
    return terms.ok ? accept({ type: 'change', ...how, terms: terms.value }) : terms;
  };
  const requestedTerms = async (id: string, requested: RequestedChange): Promise<Result<Terms>> => {
    const snapshot = await snapshotOf(sidecar, id);
    return snapshot?.state ? termsOf(resourceOf(snapshot.state, null), requested) : missing(id);
  };

  return {
    recordPayment: command(schemas.recordPayment, (body) => ({ type: 'recordPayment', ...body })),
    recordInvoiceClosed: command(schemas.recordInvoiceClosed, (body) => ({ type: 'recordInvoiceClosed', ...body })),
    recordCreditNote: command(schemas.recordCreditNote, (body) => ({ type: 'recordCreditNote', ...body })),
    recordPaymentMethod: command(schemas.recordPaymentMethod, (body) => ({ type: 'recordPaymentMethod', ...body })),
    change: completed(schemas.change, change),
    withdrawChange: command(schemas.withdrawChange, () => ({ type: 'withdrawChange' })),
    changeAnchor: command(schemas.changeAnchor, (body) => ({ type: 'changeAnchor', ...body })),
    applyCoupon: command(schemas.applyCoupon, (body) => ({ type: 'applyCoupon', ...body })),
    removeCoupon: command(schemas.removeCoupon, (body) => ({ type: 'removeCoupon', ...body })),
    charge: command(schemas.charge, (body) => ({ type: 'charge', ...body })),
    cancel: command(schemas.cancel, (body) => ({ type: 'cancel', ...body })),
    uncancel: command(schemas.uncancel, () => ({ type: 'uncancel' })),
    pause: command(schemas.pause, (body) => ({ type: 'pause', ...body })),
    resume: command(schemas.resume, (body) => ({ type: 'resume', ...body })),
    resumeAfterDispute: command(schemas.resumeAfterDispute, (body) => ({ type: 'resumeAfterDispute', ...body })),
    reactivate: command(schemas.reactivate, (body) => ({ type: 'reactivate', ...body })),
    retryPayment: command(schemas.retryPayment, () => ({ type: 'retryPayment' })),
  };
}

async function plan<Body>(
  schema: z.ZodType<Body>,
  body: unknown,
  complete: (body: Body) => Completed,
): Promise<Result<SubscriptionCommand>> {
  const checked = schema.safeParse(body);
  if (checked.success) return complete(checked.data);
  const [issue] = checked.error.issues;
  const pointer = `/${['body', ...(issue?.path ?? [])].join('/')}`;
  return reject('body-invalid', issue?.message ?? 'The body of the command is invalid.', pointer);
}
