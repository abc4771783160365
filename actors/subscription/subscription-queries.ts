import type { Result } from '../../services/shared/result.ts';
import type { Sidecar } from '../../services/shared/sidecar.ts';
import { type Instant, plusMillis } from '../../services/shared/time.ts';
import { actorState } from '../host/actor-state.ts';
import { type ActorMethod, type ActorResponse, actorMethod } from '../host/actor-type.ts';
import type { Snapshot } from '../host/aggregate.ts';
import { readEvents } from '../host/history.ts';
import { type Refusal, refuse } from '../host/refusal.ts';
import { nothingSchema } from './command-schemas.ts';
import type { Forecast, PlannedCommand, WhatIf } from './query-schemas.ts';
import * as schemas from './query-schemas.ts';
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

export type InvoicesOf = (
  of: { readonly id: string; readonly customerId: string },
  asked: readonly RequestedInvoice[],
) => Promise<readonly unknown[]>;

export type QuerySettings = {
  readonly sidecar: Sidecar;
  readonly now: () => Instant;
  /** The invoices that these requests would become, in order, by the code that makes real ones. */
  readonly invoicesOf: InvoicesOf;
  /** A command as it is asked for from outside, made complete; a refusal where it cannot be. */
  readonly commandOf: (id: string, planned: PlannedCommand) => Promise<Result<SubscriptionCommand>>;
};

const longestMillis = 10 * 366 * 24 * 3_600_000;

export const missing = (id: string): Refusal => refuse('subscription-not-found', `There is no subscription ${id}.`);

const tooFar = refuse('too-far-ahead', 'The instant must be at most ten years ahead.', '/until');

const undated = (index: number): Refusal =>
  refuse('instant-missing', 'A command of a script needs the instant at which it is given.', `/script/${index}/at`);

export const stateOf = (sidecar: Sidecar, id: string) => actorState(sidecar, subscriptionActorType, id);

export const snapshotOf = (sidecar: Sidecar, id: string) => stateOf(sidecar, id).read<Snapshot<Subscription>>('agg');

/** What can be asked of a subscription. Nothing here stores, publishes or arms anything. */
export function subscriptionQueries({ sidecar, now, invoicesOf, commandOf }: QuerySettings): Readonly<Record<string, ActorMethod>> {
  const known = async (id: string, answer: (state: Subscription, at: Instant, clockId: string | null) => Promise<ActorResponse>) => {
    const snapshot = await snapshotOf(sidecar, id);
    if (!snapshot?.state) return missing(id);
    return answer(snapshot.state, snapshot.clock?.now ?? now(), snapshot.clock?.id ?? null);
  };
  const historyOf = (id: string, { sequence }: Subscription) => readEvents<SubscriptionEvent>(stateOf(sidecar, id), 0, sequence);

  const get = async (id: string): Promise<ActorResponse> => {
    const snapshot = await snapshotOf(sidecar, id);
    if (!snapshot?.state) return missing(id);
    return { ok: true, subscription: resourceOf(snapshot.state, snapshot.clock?.id ?? null), quarantine: snapshot.quarantine };
  };

  /** What a command would do now: its events, the invoices it would make, the subscription after it. */
  const preview = (id: string, planned: PlannedCommand) =>
    known(id, async (state, at, clockId) => {
      const command = await commandOf(id, planned);
      if (!command.ok) return command;
      const decision = decide(state, command.value, at);
      if (!decision.ok) return decision;
      const invoices = await invoicesOf(state, invoicesRequestedBy(decision.value, state.sequence));
      return { ok: true, at, events: decision.value, invoices, subscription: resourceOf(fold(decision.value, state), clockId) };
    });

  const foresee = (id: string, until: Instant, steps: readonly ScriptStep[], gateway: Forecast['assume']) =>
    known(id, async (state, at, clockId) => {
      if (until > plusMillis(at, longestMillis)) return tooFar;
      const future = runAhead(state, at, until, steps, gateway);
      const asked = invoicesRequestedBy(
        future.happened.map(({ event }) => event),
        state.sequence,
      );
      const invoices = await invoicesOf(state, asked);
      const { refused, isCut } = future;
      const told = { events: future.happened.map(shown), states: statesOf(future.happened), refused, isCut };
      return { ok: true, from: at, until, ...told, invoices, subscription: resourceOf(future.state, clockId) };
    });

  const whatIf = async (id: string, { until, script }: WhatIf): Promise<ActorResponse> => {
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
    return foresee(id, until, steps, 'ok');
  };

  const asOf = (id: string, at: Instant) =>
    known(id, async (state, _, clockId) => {
      const then = stateAsOf(await historyOf(id, state), at);
      return then ? { ok: true, asOf: at, subscription: resourceOf(then, clockId) } : missing(id);
    });

  /** The snapshot against its history, and every invoice the history asks for, for whoever keeps invoices to compare. */
  const verify = (id: string) =>
    known(id, async (state) => {
      const history = await historyOf(id, state);
      return {
        ok: true,
        complaints: differencesFromHistory(state, history),
        asked: invoicesRequestedBy(history, 0),
        customerId: state.customerId,
      };
    });

  return {
    get: { schema: nothingSchema, run: get },
    preview: { schema: schemas.plannedCommandSchema, run: preview },
    forecast: { schema: schemas.forecastSchema, run: (id, { until, assume }: Forecast) => foresee(id, until, [], assume) },
    whatIf: { schema: schemas.whatIfSchema, run: whatIf },
    asOf: { schema: schemas.asOfSchema, run: (id, { at }: { at: Instant }) => asOf(id, at) },
    verify: { schema: nothingSchema, run: verify },
    history: actorMethod(schemas.historySchema, (id, body) => history(sidecar, id, body)),
  };
}

const shown = ({ event: { type, at, ...rest }, status }: ForecastEvent) => ({ type, at, status, ...rest });

/** Each status with the instant from which it holds. */
const statesOf = (happened: readonly ForecastEvent[]) =>
  happened.filter(({ status }, index) => status !== happened[index - 1]?.status).map(({ at, status }) => ({ at, status }));

/** Events `from + 1 ..`, each with its sequence: the subscription's own record, immutable. */
async function history(sidecar: Sidecar, id: string, { from, limit }: { from: number; limit: number }): Promise<ActorResponse> {
  const snapshot = await snapshotOf(sidecar, id);
  if (!snapshot?.state) return missing(id);
  const to = Math.min(snapshot.sequence, from + limit);
  const events = await readEvents<SubscriptionEvent>(stateOf(sidecar, id), Math.min(from, to), to);
  return { ok: true, events: events.map((event, index) => ({ sequence: from + index + 1, ...event })), last: snapshot.sequence };
}
