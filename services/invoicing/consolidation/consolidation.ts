import type { InvoiceRequest } from '../../shared/contracts/invoice-request.ts';
import type { SubscriptionResource } from '../../shared/contracts/subscription-resource.ts';
import { localDay } from '../../shared/local-time.ts';
import { type Instant, later, plusMillis } from '../../shared/time.ts';
import type { RequestingEvent } from '../draft.ts';
import type { BilledTo } from '../invoice.ts';
import type { Seller } from '../legal-entity/legal-entity.ts';

/** A renewal that waits for the others of its day: the requesting event and its request. */
export type HeldRequest = { readonly asking: RequestingEvent; readonly request: InvoiceRequest };

/**
 * One invoice of a consolidation, in minor units: its account credit, and the rest to be charged.
 */
export type ConsolidationMember = {
  readonly invoiceId: string;
  readonly subscriptionId: string;
  readonly creditApplied: number;
  readonly amountDue: number;
};

/** The facts that the invoices of a consolidation have in common, decided once. */
export type ConsolidationBasis = {
  readonly number: string;
  readonly billedTo: BilledTo;
  readonly seller: Seller;
  readonly members: readonly ConsolidationMember[];
};

/**
 * The renewals of a customer, currency and tax behaviour on one day of the customer's calendar.
 * Every renewal of a customer with consolidated invoices is decided here by compare-and-set, also
 * one that remains alone, so that a repeat can never decide otherwise.
 */
export type RenewalConsolidation = {
  readonly _id: string;
  readonly customerId: string;
  readonly currency: string;
  readonly taxBehaviour: InvoiceRequest['taxBehaviour'];
  readonly day: string;
  readonly timezone: string;
  readonly testClock: string | null;
  /** Subscriptions that renew on the day and have not requested their invoice yet. */
  readonly expected: readonly string[];
  readonly requests: readonly HeldRequest[];
  /**
   * `collecting`; then `closing`: no renewal joins; then `closed`: invoices are stored and
   * published.
   */
  readonly status: 'collecting' | 'closing' | 'closed';
  /** The event that ended the collecting, and its domain time; both are null before. */
  readonly closedBy: string | null;
  readonly closedAt: Instant | null;
  readonly basis: ConsolidationBasis | null;
  /** System time. */
  readonly createdAt: Instant;
  readonly revision: number;
};

type Key = Pick<RenewalConsolidation, 'customerId' | 'currency' | 'taxBehaviour' | 'day'>;

export const consolidationIdOf = ({ customerId, currency, taxBehaviour, day }: Key): string =>
  `con_${customerId}_${currency}_${taxBehaviour}_${day}`;

/** The consolidation of a renewal, before it is stored. */
export function newConsolidation({ asking, request }: HeldRequest, timezone: string, now: Instant): RenewalConsolidation {
  const { currency, taxBehaviour, period } = request;
  const key = { customerId: asking.customerId, currency, taxBehaviour, day: localDay(period.start, timezone) };
  const open = { expected: [], requests: [], status: 'collecting', closedBy: null, closedAt: null, basis: null } as const;
  return { _id: consolidationIdOf(key), ...key, timezone, testClock: asking.testClock, ...open, createdAt: now, revision: 0 };
}

export const holds = ({ requests }: RenewalConsolidation, invoiceId: string): boolean =>
  requests.some(({ request }) => request.invoiceId === invoiceId);

/**
 * Renewals in one consolidation: its document, and each event, which names all members, stay small.
 */
export const mostRenewals = 500;

/**
 * The consolidation with one more renewal; `expected` is used only for the first one. The last one
 * that there is room for ends the collecting. A renewal that arrives after that remains alone.
 */
export function withRenewal(before: RenewalConsolidation, held: HeldRequest, expected: readonly string[]): RenewalConsolidation {
  if (before.status !== 'collecting' || holds(before, held.request.invoiceId)) return before;
  const others = (before.revision === 0 ? expected : before.expected).filter((id) => id !== held.asking.data.subscription.id);
  const after = { ...before, expected: others, requests: [...before.requests, held] };
  return others.length === 0 || after.requests.length === mostRenewals ? closedWith(after, held.asking.id, held.asking.time) : after;
}

/** The fields of a subscription that decide when it bills. */
type Billing = Partial<Pick<SubscriptionResource, 'status' | 'nextBillingAt'>>;

/** A subscription after an event, and the invoices that the event closes. */
export type SubscriptionUpdate = Billing & {
  readonly event: string;
  readonly at: Instant;
  readonly id: string;
  readonly closes: readonly string[];
};

/**
 * The consolidation after an event of one of the customer's subscriptions. A subscription that no
 * longer renews on the day is no longer expected. One that closes an invoice that is held here ends
 * the collecting, so that the invoice exists and can be closed.
 */
export function afterUpdate(before: RenewalConsolidation, { event, at, id, closes, ...billing }: SubscriptionUpdate): RenewalConsolidation {
  if (before.status !== 'collecting') return before;
  if (closes.some((invoiceId) => holds(before, invoiceId))) return closedWith(before, event, at);
  return before.expected.includes(id) && !renewsOnDay(before, billing) ? withoutExpected(before, [id], event, at) : before;
}

/** The status matters too: a subscription with a failed payment renews only after it is paid. */
const renewsOnDay = ({ day, timezone }: RenewalConsolidation, { status, nextBillingAt = null }: Billing): boolean =>
  status === 'active' && nextBillingAt !== null && localDay(nextBillingAt, timezone) === day;

/** The consolidation without these expected subscriptions; it closes where they were the last. */
export function withoutExpected(
  before: RenewalConsolidation,
  subscriptionIds: readonly string[],
  cause: string,
  at: Instant,
): RenewalConsolidation {
  const expected = before.expected.filter((id) => !subscriptionIds.includes(id));
  if (before.status !== 'collecting' || expected.length === before.expected.length) return before;
  return expected.length === 0 ? closedWith(before, cause, at) : { ...before, expected };
}

/** Ends the collecting with the renewals that have arrived. */
export function closedWith(before: RenewalConsolidation, cause: string, at: Instant): RenewalConsolidation {
  if (before.status !== 'collecting') return before;
  const closedAt = before.requests.reduce((latest, { asking }) => later(latest, asking.time), at);
  return { ...before, status: 'closing', expected: [], closedBy: cause, closedAt };
}

const waitAfterDayMillis = 2 * 3_600_000;
/** A renewal that arrives days late still waits for others that are just as late. */
const shortestWaitMillis = 15 * 60_000;

/** True when the waiting must end: the day has been over for two hours. */
export const isOver = ({ day, timezone, createdAt }: RenewalConsolidation, now: Instant): boolean =>
  localDay(plusMillis(now, -waitAfterDayMillis), timezone) > day && plusMillis(createdAt, shortestWaitMillis) <= now;
