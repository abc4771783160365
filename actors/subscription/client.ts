import type { Rejection } from '../../services/shared/result.ts';
import type { Sidecar } from '../../services/shared/sidecar.ts';
import type { Instant } from '../../services/shared/time.ts';
import { type CallOptions, callActor } from '../host/actor-client.ts';
import type { resourceOf as testClockResourceOf } from '../test-clock/test-clock.ts';
import { testClockActorType } from '../test-clock/test-clock-actor.ts';
import type { SubscriptionResource } from './rules/resource.ts';
import type { AppliedCoupon, Terms } from './rules/subscription.ts';
import { subscriptionActorType } from './subscription-actor.ts';

export { type DunningPath, dunningPath } from './rules/dunning-path.ts';
export type { RequestedInvoice } from './rules/forecast.ts';
export { priceOf } from './rules/pricing.ts';
export type { SubscriptionResource } from './rules/resource.ts';
export type { AppliedCoupon, Cadence, Item, PlanTerms, RetryPolicy, SubscriptionEvent, Terms } from './rules/subscription.ts';

export type TestClockResource = ReturnType<typeof testClockResourceOf>;

/** A command's answer: the subscription after it, and the ids of the events it made. */
export type CommandResult =
  | { readonly ok: true; readonly subscription: SubscriptionResource; readonly events: readonly string[] }
  | { readonly ok: false; readonly rejection: Rejection };

export type StartBody = {
  readonly customerId: string;
  readonly terms: Terms;
  readonly timezone: string;
  readonly startAt: Instant | null;
  readonly anchor: { readonly day: number; readonly month: number | null } | null;
  readonly trialDays: number;
  readonly endsAt?: Instant | null;
  readonly coupons?: readonly AppliedCoupon[];
  readonly prorationUnit: 'day' | 'second';
  readonly policy: unknown;
  readonly hasPaymentMethod: boolean;
  readonly clock: { readonly id: string; readonly now: Instant } | null;
};

export type CommandName =
  | 'change'
  | 'withdrawChange'
  | 'changeAnchor'
  | 'applyCoupon'
  | 'removeCoupon'
  | 'charge'
  | 'reactivate'
  | 'cancel'
  | 'uncancel'
  | 'pause'
  | 'resume'
  | 'retryPayment'
  | 'recordPayment'
  | 'recordCreditNote'
  | 'recordPaymentMethod'
  | 'wake';

export type QueryName = 'preview' | 'forecast' | 'whatIf' | 'asOf' | 'verify';

/** The typed way to subscriptions and test clocks, wherever they live. Throws when no turn could be had; a refusal is an answer. */
export function subscriptionClient(sidecar: Sidecar) {
  const subscription = (id: string, method: string, body: object, options?: CallOptions) =>
    callActor(sidecar, subscriptionActorType, id, method, body, options);
  const clock = (id: string, method: string, body: object) => callActor(sidecar, testClockActorType, id, method, body);
  return {
    start: async (id: string, body: StartBody, options?: CallOptions) => (await subscription(id, 'start', body, options)) as CommandResult,
    command: async (id: string, command: CommandName, body: object, options?: CallOptions) =>
      (await subscription(id, command, body, options)) as CommandResult,
    get: async (id: string): Promise<SubscriptionResource | undefined> => {
      const answer = (await subscription(id, 'get', {})) as CommandResult;
      return answer.ok ? answer.subscription : undefined;
    },
    /** A question that changes nothing: `preview`, `forecast`, `whatIf`, `asOf`, `verify`. */
    ask: (id: string, query: QueryName, body: object) => subscription(id, query, body),
    history: (id: string, from: number, limit: number) => subscription(id, 'history', { from, limit }),
    /** Publishes again what asked for an invoice, and what closed it. */
    tellAgain: async (id: string, invoiceId: string) => (await subscription(id, 'tellAgain', { invoiceId })) as RepublishResult,
    createClock: (id: string, now: Instant) => clock(id, 'create', { now }) as Promise<ClockResult>,
    advanceClock: (id: string, to: Instant) => clock(id, 'advance', { to }) as Promise<ClockResult>,
    arriveClock: (id: string, at: Instant) => clock(id, 'arrive', { at }) as Promise<ClockResult>,
    getClock: (id: string) => clock(id, 'get', {}) as Promise<ClockResult>,
  };
}

export type RepublishResult =
  | { readonly ok: true; readonly events: readonly string[] }
  | { readonly ok: false; readonly rejection: Rejection };

export type ClockResult =
  | { readonly ok: true; readonly testClock: TestClockResource }
  | { readonly ok: false; readonly rejection: Rejection };

export type SubscriptionClient = ReturnType<typeof subscriptionClient>;
