import type { SubscriptionResource } from '../../services/shared/contracts/subscription-resource.ts';
import type { Sidecar } from '../../services/shared/sidecar.ts';
import type { Instant } from '../../services/shared/time.ts';
import { type CallOptions, callActor } from '../host/actor-client.ts';
import { testClockActorType } from '../test-clock/test-clock-actor.ts';
import type { CommandName } from './command-schemas.ts';
import type { QueryName } from './query-schemas.ts';
import type { ClockResult, CommandBody, CommandResult, QueryBody, QueryResult, RepublishResult, StartBody } from './results.ts';
import { subscriptionActorType } from './subscription-actor.ts';

export type { SubscriptionResource } from '../../services/shared/contracts/subscription-resource.ts';
export type { CommandName } from './command-schemas.ts';
export type { QueryName } from './query-schemas.ts';
export type {
  ClockResult,
  CommandBody,
  CommandResult,
  QueryBody,
  QueryResult,
  QueryResults,
  RepublishResult,
  StartBody,
  TestClockResource,
} from './results.ts';
export { dunningPath } from './rules/dunning-path.ts';
export type { RequestedInvoice } from './rules/forecast.ts';
export { priceOf } from './rules/pricing.ts';
export type { AppliedCoupon, BillingInterval, Item, PlanTerms, RetryPolicy, SubscriptionEvent, Terms } from './rules/subscription.ts';

/**
 * The typed way to subscriptions and test clocks, on whichever host they live. A refusal is a
 * result. Every function throws when no turn could be started or the turn failed, and may then be
 * repeated.
 */
export function subscriptionClient(sidecar: Sidecar) {
  const call = async <Result>(id: string, method: string, body: unknown, options?: CallOptions) =>
    (await callActor(sidecar, subscriptionActorType, id, method, body, options)) as Result;
  const callClock = async (id: string, method: string, body: unknown) =>
    (await callActor(sidecar, testClockActorType, id, method, body)) as ClockResult;
  const query = <Name extends QueryName>(id: string, name: Name, body: QueryBody<Name>) => call<QueryResult<Name>>(id, name, body);

  return {
    start: (id: string, body: StartBody, options?: CallOptions) => call<CommandResult>(id, 'start', body, options),
    command: <Name extends CommandName>(id: string, name: Name, body: CommandBody<Name>, options?: CallOptions) =>
      call<CommandResult>(id, name, body, options),
    /** Checks a subscription in quarantine, and releases it if no invariant is broken any more. */
    releaseQuarantine: (id: string, body: { readonly dropCommand: boolean }) => call<CommandResult>(id, 'releaseQuarantine', body),
    /** A query changes nothing. */
    query,
    get: async (id: string): Promise<SubscriptionResource | undefined> => {
      const result = await query(id, 'get', {});
      return result.ok ? result.subscription : undefined;
    },
    history: (id: string, from: number, limit: number) => query(id, 'history', { from, limit }),
    /**
     * Publishes again the events that requested an invoice or closed it. The method keeps its first
     * name.
     */
    republishInvoice: (id: string, invoiceId: string) => call<RepublishResult>(id, 'tellAgain', { invoiceId }),
    createClock: (id: string, now: Instant) => callClock(id, 'create', { now }),
    advanceClock: (id: string, to: Instant) => callClock(id, 'advance', { to }),
    arriveClock: (id: string, at: Instant) => callClock(id, 'arrive', { at }),
    getClock: (id: string) => callClock(id, 'get', {}),
  };
}

export type SubscriptionClient = ReturnType<typeof subscriptionClient>;
