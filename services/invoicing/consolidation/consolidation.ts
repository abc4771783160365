import { localDay } from '../../shared/local-time.ts';
import { type Instant, later, plusMillis } from '../../shared/time.ts';
import type { Asking } from '../draft.ts';
import type { BilledTo } from '../invoice.ts';
import type { Seller } from '../legal-entity/legal-entity.ts';
import type { Billing, InvoiceRequest } from '../subscription-events.ts';

/** A renewal that waits for the others of its day: the event that asked, and for what. */
export type HeldRequest = { readonly asking: Asking; readonly request: InvoiceRequest };

/** Minor units of one invoice of a group: what account credit pays of it, and what is left to be charged. */
export type GroupMember = {
  readonly invoiceId: string;
  readonly subscriptionId: string;
  readonly creditApplied: number;
  readonly amountDue: number;
};

/** What the invoices of a group have in common, decided once. */
export type GroupBasis = {
  readonly number: string;
  readonly billedTo: BilledTo;
  readonly seller: Seller;
  readonly members: readonly GroupMember[];
};

/**
 * The renewals of a customer, currency and tax behaviour on one day of the customer's calendar. Every renewal of a customer who wants
 * consolidated invoices is decided here, by compare-and-set, also one that stays alone: so a repeat can never decide otherwise.
 */
export type Group = {
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
  readonly basis: GroupBasis | null;
  /** System time. */
  readonly createdAt: Instant;
  readonly revision: number;
};

type Key = Pick<Group, 'customerId' | 'currency' | 'taxBehaviour' | 'day'>;

export const groupIdOf = ({ customerId, currency, taxBehaviour, day }: Key): string =>
  `con_${customerId}_${currency}_${taxBehaviour}_${day}`;

/** The group that a renewal belongs to, before it is there. */
export function newGroup({ asking, request }: HeldRequest, timezone: string, now: Instant): Group {
  const { currency, taxBehaviour, period } = request;
  const key = { customerId: asking.customerId, currency, taxBehaviour, day: localDay(period.start, timezone) };
  const open = { expected: [], requests: [], status: 'collecting', closedBy: null, closedAt: null, basis: null } as const;
  return { _id: groupIdOf(key), ...key, timezone, testClock: asking.testClock, ...open, createdAt: now, revision: 0 };
}

export const holds = ({ requests }: Group, invoiceId: string): boolean => requests.some(({ request }) => request.invoiceId === invoiceId);

/** The group with one more renewal; `expected` counts only for the first. Who comes after the collecting has ended stays alone. */
export function joined(group: Group, held: HeldRequest, expected: readonly string[]): Group {
  if (group.status !== 'collecting' || holds(group, held.request.invoiceId)) return group;
  const others = (group.revision === 0 ? expected : group.expected).filter((id) => id !== held.asking.data.subscription.id);
  const after = { ...group, expected: others, requests: [...group.requests, held] };
  return others.length === 0 ? ended(after, held.asking.id, held.asking.time) : after;
}

/** A subscription as it is after an event, and which invoices it closes. */
export type Happening = Billing & { readonly event: string; readonly at: Instant; readonly id: string; readonly closes: readonly string[] };

/**
 * The group after something happened to a subscription of the customer's. One that does not renew on the day any more is not waited for; one
 * that closes an invoice which is held here ends the collecting, so that there is an invoice to close.
 */
export function happened(group: Group, { event, at, id, closes, ...billing }: Happening): Group {
  if (group.status !== 'collecting') return group;
  if (closes.some((invoiceId) => holds(group, invoiceId))) return ended(group, event, at);
  return group.expected.includes(id) && !renewsThen(group, billing) ? without(group, [id], event, at) : group;
}

/** Not only when: one whose payment has failed renews after it is paid, whenever that is. */
const renewsThen = ({ day, timezone }: Group, { status, nextBillingAt = null }: Billing): boolean =>
  status === 'active' && nextBillingAt !== null && localDay(nextBillingAt, timezone) === day;

/** The group without waiting for these; complete where they were the last. */
export function without(group: Group, subscriptionIds: readonly string[], cause: string, at: Instant): Group {
  const expected = group.expected.filter((id) => !subscriptionIds.includes(id));
  if (group.status !== 'collecting' || expected.length === group.expected.length) return group;
  return expected.length === 0 ? ended(group, cause, at) : { ...group, expected };
}

/** The collecting ends with what is there. */
export function ended(group: Group, cause: string, at: Instant): Group {
  if (group.status !== 'collecting') return group;
  const closedAt = group.requests.reduce((latest, { asking }) => later(latest, asking.time), at);
  return { ...group, status: 'closing', expected: [], closedBy: cause, closedAt };
}

const patienceMillis = 2 * 3_600_000;
/** A renewal that comes days late still waits for those that come as late as it. */
const shortestMillis = 15 * 60_000;

/** True when nobody may be waited for any more: the day has been over for two hours. */
export const isOver = ({ day, timezone, createdAt }: Group, now: Instant): boolean =>
  localDay(plusMillis(now, -patienceMillis), timezone) > day && plusMillis(createdAt, shortestMillis) <= now;
