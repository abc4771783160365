import { equal } from '../../../services/shared/equal.ts';
import type { Rejection } from '../../../services/shared/result.ts';
import { type Instant, later } from '../../../services/shared/time.ts';
import { decide } from './decide.ts';
import { evolve, fold } from './evolve.ts';
import { violation } from './invariants.ts';
import type { InvoiceRequest, OpenInvoice, Status, Subscription, SubscriptionCommand, SubscriptionEvent } from './subscription.ts';
import { nextDue } from './wake.ts';

/** The response of the gateway to every attempt from some instant on. */
export type GatewayOutcome = 'ok' | 'declined' | '3ds';

export type ScriptStep = { readonly at: Instant } & ({ readonly command: SubscriptionCommand } | { readonly gateway: GatewayOutcome });

export type ForecastEvent = { readonly at: Instant; readonly event: SubscriptionEvent; readonly status: Status };

/** A command of the script that was refused at its time. */
export type ScriptedRefusal = { readonly at: Instant; readonly type: SubscriptionCommand['type']; readonly rejection: Rejection };

export type Future = {
  readonly happened: readonly ForecastEvent[];
  readonly state: Subscription;
  readonly refused: readonly ScriptedRefusal[];
  /** The run ended early, because more would happen by then than a response can hold. */
  readonly isCut: boolean;
};

const mostEvents = 20_000;

/**
 * Runs a copy ahead to `until` with the same decisions as in real life: every wake in time, and
 * every payment answered immediately by the gateway of the script. At one instant a due wake comes
 * before a step of the script. Pure; nothing is stored.
 */
export function runAhead(from: Subscription, now: Instant, until: Instant, script: readonly ScriptStep[], first: GatewayOutcome): Future {
  const happened: ForecastEvent[] = [];
  const refused: ScriptedRefusal[] = [];
  let state = from;
  let gateway = first;

  const apply = (command: SubscriptionCommand, at: Instant): void => {
    const decision = decide(state, command, at);
    if (!decision.ok) return void refused.push({ at, type: command.type, rejection: decision.rejection });
    for (const event of decision.value) {
      state = evolve(state, event);
      happened.push({ at: event.at, event, status: state.status });
    }
  };
  const answerPayments = (at: Instant): void => {
    for (let open = pendingOf(state); open !== undefined; open = pendingOf(state)) apply(outcomeOf(open, state, gateway), at);
  };
  const wakeUntil = (to: Instant): void => {
    for (let due = nextDue(state, to); due !== undefined && happened.length < mostEvents; due = nextDue(state, to)) {
      const at = later(due.at, state.updatedAt);
      apply({ type: 'wake' }, at);
      answerPayments(at);
    }
  };

  answerPayments(now);
  const steps = [...script].sort((one, other) => (one.at < other.at ? -1 : one.at > other.at ? 1 : 0));
  for (const step of steps.filter(({ at }) => at <= until)) {
    wakeUntil(step.at);
    if ('gateway' in step) gateway = step.gateway;
    else apply(step.command, step.at);
    answerPayments(step.at);
  }
  wakeUntil(until);
  return { happened, state, refused, isCut: happened.length >= mostEvents };
}

const pendingOf = ({ endedAt, openInvoices }: Subscription): OpenInvoice | undefined =>
  endedAt === null ? openInvoices.find(({ pending }) => pending) : undefined;

/**
 * The outcome that the payment service would report. Without a payment method no gateway is called.
 */
function outcomeOf({ invoiceId, failedAttempts }: OpenInvoice, state: Subscription, gateway: GatewayOutcome): SubscriptionCommand {
  const attempt = { type: 'recordPayment', invoiceId, attempt: failedAttempts + 1 } as const;
  if (!state.hasPaymentMethod) return { ...attempt, outcome: 'declined', category: 'no-payment-method', declineCode: null };
  if (gateway === 'ok') return { ...attempt, outcome: 'succeeded', category: null, declineCode: null };
  if (gateway === '3ds') return { ...attempt, outcome: 'action-required', category: 'action-required', declineCode: null };
  return { ...attempt, outcome: 'declined', category: 'soft', declineCode: 'insufficient_funds' };
}

/** A requested invoice, with the time and sequence of the event that requests it. */
export type RequestedInvoice = { readonly at: Instant; readonly sequence: number; readonly request: InvoiceRequest };

/** The invoices that these events request; the first event has the sequence after `before`. */
export const invoicesRequestedBy = (events: readonly SubscriptionEvent[], before: number): RequestedInvoice[] =>
  events.flatMap((event, index) =>
    'invoice' in event && event.invoice !== null ? [{ at: event.at, sequence: before + index + 1, request: event.invoice }] : [],
  );

/** The state at an instant, or undefined before the first event. */
export const stateAsOf = (history: readonly SubscriptionEvent[], at: Instant): Subscription | undefined =>
  fold(history.filter((event) => event.at <= at));

/**
 * The differences between a snapshot and its history, and every invariant that an event of the
 * history broke. Empty unless something went wrong.
 */
export function differencesFromHistory(snapshot: Subscription, history: readonly SubscriptionEvent[]): string[] {
  const complaints: string[] = [];
  let state: Subscription | undefined;
  for (const event of history) {
    const after = evolve(state, event);
    const broken = violation(state, after, [event]);
    if (broken !== undefined) complaints.push(broken);
    state = after;
  }
  const fields = Object.keys({ ...snapshot, ...state }) as (keyof Subscription)[];
  return [
    ...complaints,
    ...fields.filter((field) => !equal(snapshot[field], state?.[field])).map((field) => `${field} is not what the history gives`),
  ];
}
