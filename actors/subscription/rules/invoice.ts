import { invoiceIdOf } from '../../../services/shared/ids.ts';
import { plusLocalDays } from '../../../services/shared/local-time.ts';
import type { Instant, Period } from '../../../services/shared/time.ts';
import { anchorFrom, anchorOfMonth, anchorOn } from './billing-period.ts';
import { discounted, discountsOn } from './discount.ts';
import { itemsOf } from './pricing.ts';
import { creditLine, recurringLine } from './proration.ts';
import type { ChargedItem, InvoiceCause, InvoiceRequest, RequestedLine, Subscription, SubscriptionEvent, Terms } from './subscription.ts';
import type { Anchor, ChangeAnchor, NumberedPeriod, PendingCharge } from './subscription-parts.ts';
import { isInArrears } from './terms-checks.ts';

export type Charges = { readonly lines: readonly RequestedLine[]; readonly period: Period };

/**
 * A line for each item of the terms from `from` to the end of its grid period, or of a fixed term.
 * All lines cover the same period.
 */
export function chargesFrom(state: Subscription, terms: Terms, anchor: Anchor, from: Instant, periodsBefore: number): Charges {
  const lines = itemsOf(terms).map((item, index) => {
    const kind = index === 0 ? 'recurring' : 'add-on';
    return recurringLine(item, anchor, from, state, { kind, periodsBefore, until: state.endsAt });
  });
  return { lines, period: (lines[0] as RequestedLine).period };
}

/**
 * The invoice of a period of its own (the first, a renewal), under the period's number, with the
 * pending charges.
 */
export function periodInvoice(state: Subscription, cause: 'first' | 'renewal', number: number, { lines, period }: Charges): InvoiceRequest {
  const billedAt = isInArrears(state) ? period.end : period.start;
  const waiting = state.pendingCharges.map((charge) => oneOffLine(charge, billedAt));
  return request(state, invoiceIdOf(state.id, number), cause, period, [...lines, ...waiting], state.pendingCharges);
}

/**
 * The invoice of the event after `state`, under that event's sequence. Lines for no time at all are
 * left out. Null when no line remains, for an invoice without lines is not made.
 */
export function eventInvoice(
  state: Subscription,
  cause: InvoiceCause,
  period: Period,
  lines: readonly (RequestedLine | undefined)[],
  charges: readonly PendingCharge[] = [],
): InvoiceRequest | null {
  const remaining = lines.filter((line) => line !== undefined && line.explanation.numerator > 0) as RequestedLine[];
  if (remaining.length === 0) return null;
  return request(state, invoiceIdOf(state.id, `c${state.sequence + 1}`), cause, period, remaining, charges);
}

function request(
  state: Subscription,
  invoiceId: string,
  cause: InvoiceCause,
  period: Period,
  lines: readonly RequestedLine[],
  charges: readonly PendingCharge[],
): InvoiceRequest {
  const { taxBehaviour, price } = state.terms.plan;
  const discounts = discountsOn(lines, state.coupons, period.start);
  return {
    invoiceId,
    cause,
    currency: price.currency,
    taxBehaviour,
    period: { start: period.start, end: period.end },
    lines: discounted(lines, discounts),
    discounts,
    chargeIds: charges.map(({ chargeId }) => chargeId),
  };
}

/** A charge for no time: its period is the instant at which it is billed. */
export function oneOffLine({ description, amount }: Omit<PendingCharge, 'chargeId'>, at: Instant): RequestedLine {
  return fixedLine('one-off', description, amount, at);
}

/** The exit fee of a commitment that is left early. */
export const exitFeeLine = (amount: number, at: Instant): RequestedLine => fixedLine('early-exit', 'Early exit fee', amount, at);

function fixedLine(rule: 'one-off' | 'early-exit', description: string, amount: number, at: Instant): RequestedLine {
  return {
    kind: 'one-off',
    planId: null,
    planVersion: null,
    name: { en: description },
    quantity: 1,
    amount,
    discount: 0,
    period: { start: at, end: at },
    explanation: { rule, unit: 'day', numerator: 1, denominator: 1, base: amount },
    creditedInvoiceId: null,
  };
}

/** Minor units after discounts, before tax and account credit. */
export const totalOf = (invoice: InvoiceRequest): number => invoice.lines.reduce((total, line) => total + line.amount - line.discount, 0);

/** An invoice of credits alone asks for no money, so its payment is not awaited. */
export const hasCharges = (invoice: InvoiceRequest): boolean => invoice.lines.some(({ kind }) => kind !== 'credit');

/** Credits the time from `from` on of every charged and paid item of the current period. */
export const unusedTimeLines = (state: Subscription, from: Instant): (RequestedLine | undefined)[] =>
  paidItems(state).map((item) => creditLine(item, 'unused-time', state, from));

/** The paid items of the current period: only these can be returned. */
export const paidItems = ({ charged, openInvoices }: Subscription): readonly ChargedItem[] =>
  charged.filter(({ invoiceId }) => !openInvoices.some((open) => open.invoiceId === invoiceId));

/**
 * The grid and the period of a subscription whose billing has started. Throws where it has not:
 * such a state has nothing to bill.
 */
export function billingOf({ id, anchor, period }: Subscription): { readonly anchor: Anchor; readonly period: NumberedPeriod } {
  if (anchor === null || period === null) throw new Error(`${id} is not billed yet`);
  return { anchor, period };
}

/**
 * The grid of a subscription whose billing starts at `from`: on the requested day, or from there.
 */
export const anchorAtStart = ({ requestedAnchor: requested, terms, timezone }: Subscription, from: Instant): Anchor =>
  requested ? anchorOn(requested.day, requested.month, terms.plan.interval, timezone, from) : anchorFrom(from, timezone);

/**
 * The start of billing of a subscription that is scheduled or in a trial; null where a trial ends
 * without a payment method.
 */
export function billingBegins({ hasPaymentMethod, startAt, status, timezone, trialDays, trialEnd }: Subscription): Instant | null {
  if (status === 'scheduled' && trialDays === 0) return startAt;
  if (!hasPaymentMethod) return null;
  return status === 'scheduled' ? plusLocalDays(startAt, trialDays, timezone) : trialEnd;
}

/** The grid that a change begins at an instant, or null where the current one goes on. */
export function anchorAfter({ anchor, timezone }: Subscription, mode: ChangeAnchor, at: Instant): Anchor | null {
  if (mode === 'reset') return anchorFrom(at, timezone);
  return mode === 'day' && anchor !== null ? anchorOfMonth(anchor, timezone, at) : null;
}

/**
 * Applies a scheduled change and a new day of billing when they are due, before the next period is
 * billed.
 */
export function dueChange(state: Subscription, due: Instant, now: Instant): SubscriptionEvent[] {
  const { nextAnchor, period, scheduledChange, timezone } = state;
  const change = scheduledChange !== null && scheduledChange.at <= due ? scheduledChange : null;
  const moved = nextAnchor !== null && period !== null && period.end <= due ? nextAnchor : null;
  if (change === null && moved === null) return [];
  const terms = change?.terms ?? state.terms;
  const requested = moved && anchorOn(moved.day, moved.month, terms.plan.interval, timezone, due);
  const anchor = (change && anchorAfter(state, change.anchor, change.at)) ?? requested;
  return [{ type: 'subscription.changed', at: now, terms, anchor, period: null, invoice: null, ...unbilledChange(state, terms) }];
}

/** The price phase and commitment after a change that is not billed yet. */
export function unbilledChange({ commitment, planPeriods, terms: before }: Subscription, after: Terms) {
  return { planPeriods: before.plan.planId === after.plan.planId ? planPeriods : 0, commitment };
}
