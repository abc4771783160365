import type { z } from 'zod';
import type { InvoicePreview } from '../../services/shared/contracts/invoice-resource.ts';
import type { Result } from '../../services/shared/result.ts';
import type { Sidecar } from '../../services/shared/sidecar.ts';
import { type Instant, plusMillis } from '../../services/shared/time.ts';
import { actorState } from '../host/actor-state.ts';
import { type ActorMethod, actorMethod } from '../host/actor-type.ts';
import type { Snapshot } from '../host/aggregate.ts';
import { readEvents } from '../host/history.ts';
import { type Refusal, refuse } from '../host/refusal.ts';
import type { Forecast, PlannedCommand, QueryName, WhatIf } from './query-schemas.ts';
import { querySchemas as schemas } from './query-schemas.ts';
import type { QueryResult } from './results.ts';
import { decide } from './rules/decide.ts';
import { fold } from './rules/evolve.ts';
import {
  differencesFromHistory,
  type ForecastEvent,
  invoicesRequestedBy,
  type RequestedInvoice,
  runAhead,
  type ScriptStep,
  stateAsOf,
} from './rules/forecast.ts';
import { resourceOf } from './rules/resource.ts';
import type { Subscription, SubscriptionCommand, SubscriptionEvent } from './rules/subscription.ts';

export const subscriptionActorType = 'Subscription';

/**
 * Asks invoicing to preview the invoices of a subscription. It must not call the actor, whose turn
 * is waiting.
 */
export type InvoicesOf = (
  subscription: { readonly id: string; readonly customerId: string },
  requested: readonly RequestedInvoice[],
) => Promise<readonly InvoicePreview[]>;

export type QuerySettings = {
  readonly sidecar: Sidecar;
  readonly now: () => Instant;
  /** The invoices that requests would become, in order, made by the same code as real ones. */
  readonly invoicesOf: InvoicesOf;
  /** Completes a command that is only planned, or refuses it. */
  readonly commandOf: (id: string, planned: PlannedCommand) => Promise<Result<SubscriptionCommand>>;
};

/** The subscription as a query finds it. `at` is now on the clock that it lives on. */
type Known = {
  readonly state: Subscription;
  readonly quarantine: Snapshot<Subscription>['quarantine'];
  readonly at: Instant;
  readonly clockId: string | null;
};

const longestMillis = 10 * 366 * 24 * 3_600_000;

export const missing = (id: string): Refusal => refuse('subscription-not-found', `There is no subscription ${id}.`);

const tooFar = refuse('too-far-ahead', 'The instant must be at most ten years ahead.', '/until');

const undated = (index: number): Refusal =>
  refuse('instant-missing', 'A command of a script needs the instant at which it is given.', `/script/${index}/at`);

export const stateOf = (sidecar: Sidecar, id: string) => actorState(sidecar, subscriptionActorType, id);

export const snapshotOf = (sidecar: Sidecar, id: string) => stateOf(sidecar, id).read<Snapshot<Subscription>>('agg');

/** The queries of a subscription. None of them stores, publishes or arms anything. */
export function subscriptionQueries({ sidecar, now, invoicesOf, commandOf }: QuerySettings): Readonly<Record<QueryName, ActorMethod>> {
  const known = async <Value>(id: string, respond: (known: Known) => Promise<Value>): Promise<Value | Refusal> => {
    const snapshot = await snapshotOf(sidecar, id);
    if (!snapshot?.state) return missing(id);
    const { state, clock, quarantine } = snapshot;
    return respond({ state, quarantine, at: clock?.now ?? now(), clockId: clock?.id ?? null });
  };
  const historyOf = (id: string, { sequence }: Subscription) => readEvents<SubscriptionEvent>(stateOf(sidecar, id), 0, sequence);

  const get = (id: string): Promise<QueryResult<'get'>> =>
    known(id, async ({ state, quarantine, clockId }) => ({ ok: true, subscription: resourceOf(state, clockId), quarantine }));

  /**
   * The effect that a command would have now: its events, its invoices, and the subscription after
   * it.
   */
  const preview = (id: string, planned: PlannedCommand): Promise<QueryResult<'preview'>> =>
    known(id, async ({ state, at, clockId }) => {
      const command = await commandOf(id, planned);
      if (!command.ok) return command;
      const decision = decide(state, command.value, at);
      if (!decision.ok) return decision;
      const invoices = await invoicesOf(state, invoicesRequestedBy(decision.value, state.sequence));
      return { ok: true, at, events: decision.value, invoices, subscription: resourceOf(fold(decision.value, state), clockId) };
    });

  const forecast = (
    id: string,
    until: Instant,
    steps: readonly ScriptStep[],
    gateway: Forecast['assume'],
  ): Promise<QueryResult<'forecast'>> =>
    known(id, async ({ state, at, clockId }) => {
      if (until > plusMillis(at, longestMillis)) return tooFar;
      const { happened, refused, isCut, state: after } = runAhead(state, at, until, steps, gateway);
      const events = happened.map(({ event }) => event);
      const invoices = await invoicesOf(state, invoicesRequestedBy(events, state.sequence));
      const run = { events: happened.map(shown), states: statesOf(happened), refused, isCut };
      return { ok: true, from: at, until, ...run, invoices, subscription: resourceOf(after, clockId) };
    });

  const whatIf = async (id: string, { until, script }: WhatIf): Promise<QueryResult<'whatIf'>> => {
    const steps: ScriptStep[] = [];
    for (const [index, step] of script.entries()) {
      if ('gateway' in step) {
        steps.push(step);
        continue;
      }
      if (step.at === undefined) return undated(index);
      const command = await commandOf(id, step);
      if (!command.ok) return command;
      steps.push({ at: step.at, command: command.value });
    }
    return forecast(id, until, steps, 'ok');
  };

  const asOf = (id: string, at: Instant): Promise<QueryResult<'asOf'>> =>
    known(id, async ({ state, clockId }) => {
      const then = stateAsOf(await historyOf(id, state), at);
      return then ? { ok: true, asOf: at, subscription: resourceOf(then, clockId) } : missing(id);
    });

  /**
   * Compares the snapshot with its history, and lists the invoices that the history requests, for
   * invoicing to compare.
   */
  const verify = (id: string): Promise<QueryResult<'verify'>> =>
    known(id, async ({ state }) => {
      const history = await historyOf(id, state);
      const asked = invoicesRequestedBy(history, 0);
      return { ok: true, complaints: differencesFromHistory(state, history), asked, customerId: state.customerId };
    });

  /** The events `from + 1 ..`, each with its sequence: the immutable record of the subscription. */
  const history = (id: string, { from, limit }: z.infer<typeof schemas.history>): Promise<QueryResult<'history'>> =>
    known(id, async ({ state }) => {
      const to = Math.min(state.sequence, from + limit);
      const events = await readEvents<SubscriptionEvent>(stateOf(sidecar, id), Math.min(from, to), to);
      return { ok: true, events: events.map((event, index) => ({ sequence: from + index + 1, ...event })), last: state.sequence };
    });

  return {
    get: actorMethod(schemas.get, get),
    preview: actorMethod(schemas.preview, preview),
    forecast: actorMethod(schemas.forecast, (id, { until, assume }) => forecast(id, until, [], assume)),
    whatIf: actorMethod(schemas.whatIf, whatIf),
    asOf: actorMethod(schemas.asOf, (id, { at }) => asOf(id, at)),
    verify: actorMethod(schemas.verify, verify),
    history: actorMethod(schemas.history, history),
  };
}

const shown = ({ event: { type, at, ...rest }, status }: ForecastEvent) => ({ type, at, status, ...rest });

/** Each status with the instant from which it holds. */
const statesOf = (happened: readonly ForecastEvent[]) =>
  happened.filter(({ status }, index) => status !== happened[index - 1]?.status).map(({ at, status }) => ({ at, status }));
