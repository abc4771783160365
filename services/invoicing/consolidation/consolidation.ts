import { localDay } from '../../shared/local-time.ts';
import { type Instant, later, plusMillis } from '../../shared/time.ts';
import type { RequestingEvent } from '../draft.ts';
import type { BilledTo } from '../invoice.ts';
import type { Seller } from '../legal-entity/legal-entity.ts';
import type { Billing, InvoiceRequest } from '../subscription-events.ts';

/** A renewal that waits for the others of its day: the event that asked, and for what. */
export type HeldRequest = { readonly asking: RequestingEvent; readonly request: InvoiceRequest };

/** Minor units of one invoice of a consolidation: what account credit pays of it, and what is left to be charged. */
export type ConsolidationMember = {
  readonly invoiceId: string;
  readonly subscriptionId: string;
  readonly creditApplied: number;
  readonly amountDue: number;
};

/** What the invoices of a consolidation have in common, decided once. */
export type ConsolidationBasis = {
  readonly number: string;
  readonly billedTo: BilledTo;
  readonly seller: Seller;
  readonly members: readonly ConsolidationMember[];
};

/**
 * The renewals of a customer, currency and tax behaviour on one day of the customer's calendar. Every renewal of a customer who wants
 * consolidated invoices is decided here, by compare-and-set, also one that stays alone: so a repeat can never decide otherwise.
 */
export type RenewalConsolidation = {
  readonly _id: string;
  readonly customerId: string;
  readonly currency: string;
  readonly taxBehaviour: InvoiceRequest['taxBehaviour'];
  readonly day: string;
  readonly timezone: string;
  readonly testClock: string | null;
  /** Subscriptions that renew on the day and have not asked yet. */
  readonly expected: readonly string[];
  readonly requests: readonly HeldRequest[];
  /** `collecting`, then `closing`: nobody joins any more; then `closed`: its invoices are stored and told. */
  readonly status: 'collecting' | 'closing' | 'closed';
  /** The event that ended the collecting, and when; null for both while it goes on. Domain time. */
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

/** The consolidation that a renewal belongs to, before it is there. */
export function newConsolidation({ asking, request }: HeldRequest, timezone: string, now: Instant): RenewalConsolidation {
  const { currency, taxBehaviour, period } = request;
  const key = { customerId: asking.customerId, currency, taxBehaviour, day: localDay(period.start, timezone) };
  const open = { expected: [], requests: [], status: 'collecting', closedBy: null, closedAt: null, basis: null } as const;
  return { _id: consolidationIdOf(key), ...key, timezone, testClock: asking.testClock, ...open, createdAt: now, revision: 0 };
}

export const holds = ({ requests }: RenewalConsolidation, invoiceId: string): boolean =>
  requests.some(({ request }) => request.invoiceId === invoiceId);

/** The consolidation with one more renewal; `expected` counts only for the first. Who comes after the collecting has ended stays alone. */
export function withRenewal(consolidation: RenewalConsolidation, held: HeldRequest, expected: readonly string[]): RenewalConsolidation {
  if (consolidation.status !== 'collecting' || holds(consolidation, held.request.invoiceId)) return consolidation;
  const others = (consolidation.revision === 0 ? expected : consolidation.expected).filter((id) => id !== held.asking.data.subscription.id);
  const after = { ...consolidation, expected: others, requests: [...consolidation.requests, held] };
  return others.length === 0 ? closedWith(after, held.asking.id, held.asking.time) : after;
}

/** A subscription as it is after an event, and which invoices it closes. */
export type SubscriptionUpdate = Billing & {
  readonly event: string;
  readonly at: Instant;
  readonly id: string;
  readonly closes: readonly string[];
};

/**
 * The consolidation after something happened to a subscription of the customer's. One that does not renew on the day any more is not waited for; one
 * that closes an invoice which is held here ends the collecting, so that there is an invoice to close.
 */
export function afterUpdate(
  consolidation: RenewalConsolidation,
  { event, at, id, closes, ...billing }: SubscriptionUpdate,
): RenewalConsolidation {
  if (consolidation.status !== 'collecting') return consolidation;
  if (closes.some((invoiceId) => holds(consolidation, invoiceId))) return closedWith(consolidation, event, at);
  return consolidation.expected.includes(id) && !renewsOnDay(consolidation, billing)
    ? withoutExpected(consolidation, [id], event, at)
    : consolidation;
}

/** Not only when: one whose payment has failed renews after it is paid, whenever that is. */
const renewsOnDay = ({ day, timezone }: RenewalConsolidation, { status, nextBillingAt = null }: Billing): boolean =>
  status === 'active' && nextBillingAt !== null && localDay(nextBillingAt, timezone) === day;

/** The consolidation without waiting for these; complete where they were the last. */
export function withoutExpected(
  consolidation: RenewalConsolidation,
  subscriptionIds: readonly string[],
  cause: string,
  at: Instant,
): RenewalConsolidation {
  const expected = consolidation.expected.filter((id) => !subscriptionIds.includes(id));
  if (consolidation.status !== 'collecting' || expected.length === consolidation.expected.length) return consolidation;
  return expected.length === 0 ? closedWith(consolidation, cause, at) : { ...consolidation, expected };
}

/** The collecting ends with what is there. */
export function closedWith(consolidation: RenewalConsolidation, cause: string, at: Instant): RenewalConsolidation {
  if (consolidation.status !== 'collecting') return consolidation;
  const closedAt = consolidation.requests.reduce((latest, { asking }) => later(latest, asking.time), at);
  return { ...consolidation, status: 'closing', expected: [], closedBy: cause, closedAt };
}

const waitAfterDayMillis = 2 * 3_600_000;
/** A renewal that comes days late still waits for those that come as late as it. */
const shortestWaitMillis = 15 * 60_000;

/** True when nobody may be waited for any more: the day has been over for two hours. */
export const isOver = ({ day, timezone, createdAt }: RenewalConsolidation, now: Instant): boolean =>
  localDay(plusMillis(now, -waitAfterDayMillis), timezone) > day && plusMillis(createdAt, shortestWaitMillis) <= now;
