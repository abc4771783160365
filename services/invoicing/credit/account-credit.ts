import { sumOf } from '../../shared/money.ts';
import { pick } from '../../shared/pick.ts';
import type { Instant } from '../../shared/time.ts';

/** Credit of one origin, in minor units. `remaining` has neither been used nor written off. */
export type CreditGrant = {
  readonly id: string;
  readonly amount: number;
  readonly remaining: number;
  readonly reason: string;
  readonly grantedAt: Instant;
  readonly expiresAt: Instant | null;
};

/**
 * A double entry: `amount` > 0 moves from one account to another, so that all entries sum to zero.
 */
export type CreditEntry = {
  readonly id: string;
  readonly at: Instant;
  readonly from: LedgerAccount;
  readonly to: LedgerAccount;
  readonly amount: number;
  /** The grants that it changes, and by how much. */
  readonly grants: readonly GrantPart[];
};
type GrantPart = { readonly id: string; readonly amount: number };
export type LedgerAccount = 'granted' | 'customer' | 'expired' | `invoice:${string}`;

/** The credit of one customer in one currency: a single document, so that drawing is atomic. */
export type CreditAccount = {
  readonly _id: string;
  readonly customerId: string;
  readonly currency: string;
  readonly grants: readonly CreditGrant[];
  readonly entries: readonly CreditEntry[];
  readonly revision: number;
  /** Derived from the grants, so that a query finds expired credit. */
  readonly nextExpiry?: Instant | null;
};

export const creditAccountId = (customerId: string, currency: string): string => `${customerId}|${currency}`;

export const newCreditAccount = (customerId: string, currency: string): CreditAccount => ({
  _id: creditAccountId(customerId, currency),
  customerId,
  currency,
  grants: [],
  entries: [],
  revision: 0,
});

/** Minor units that can be used at `now`. */
export const balanceAt = ({ grants }: CreditAccount, now: Instant): number =>
  grants.filter((grant) => !hasExpired(grant, now)).reduce((sum, { remaining }) => sum + remaining, 0);

const hasExpired = ({ expiresAt }: CreditGrant, now: Instant): boolean => expiresAt !== null && expiresAt <= now;

/**
 * The next expiry of unused credit; null where none expires. One in the past is not written off
 * yet.
 */
export const nextExpiry = ({ grants }: CreditAccount): Instant | null =>
  grants
    .flatMap(({ remaining, expiresAt }) => (remaining > 0 && expiresAt !== null ? [expiresAt] : []))
    .sort()
    .at(0) ?? null;

const entryOf = ({ entries }: CreditAccount, id: string): CreditEntry | undefined => entries.find((entry) => entry.id === id);

export type NewCredit = { readonly id: string; readonly amount: number; readonly reason: string; readonly expiresAt: Instant | null };

/** Grants credit once: a repeat with the same id changes nothing. */
export function granted(account: CreditAccount, { id, amount, reason, expiresAt }: NewCredit, now: Instant): CreditAccount {
  if (amount <= 0 || entryOf(account, id)) return account;
  const grant = { id, amount, remaining: amount, reason, grantedAt: now, expiresAt };
  const entry: CreditEntry = { id, at: now, from: 'granted', to: 'customer', amount, grants: [{ id, amount }] };
  return { ...account, grants: [...account.grants, grant], entries: [...account.entries, entry] };
}

/** Writes off expired credit with one entry for each grant, never silently. */
export function writtenOff(account: CreditAccount, now: Instant): CreditAccount {
  const lost = account.grants.filter((grant) => grant.remaining > 0 && hasExpired(grant, now));
  return lost.reduce((before, grant) => {
    const times = before.entries.filter(({ to, grants }) => to === 'expired' && grants[0]?.id === grant.id).length;
    const parts = [{ id: grant.id, amount: grant.remaining }];
    return posted(before, {
      id: `${grant.id}:expired:${times + 1}`,
      at: now,
      from: 'customer',
      to: 'expired',
      amount: grant.remaining,
      grants: parts,
    });
  }, account);
}

/** Minor units drawn for an invoice and not returned since. */
export function drawnFor(account: CreditAccount, invoiceId: string): number {
  return sumOf(partsLeft(account, invoiceId).map(({ amount }) => amount));
}

/**
 * What is left of each grant that was drawn for an invoice, in the order in which they were used.
 */
function partsLeft(account: CreditAccount, invoiceId: string): readonly GrantPart[] {
  const returns = [excessId(invoiceId), returnId(invoiceId)].flatMap((id) => entryOf(account, id)?.grants ?? []);
  const drawn = entryOf(account, drawId(invoiceId))?.grants ?? [];
  return drawn.map(({ id, amount }) => ({
    id,
    amount: amount - sumOf(returns.filter((part) => part.id === id).map((part) => part.amount)),
  }));
}

const drawId = (invoiceId: string) => `${invoiceId}:applied`;
const excessId = (invoiceId: string) => `${invoiceId}:excess`;
const returnId = (invoiceId: string) => `${invoiceId}:returned`;

/**
 * Pays up to `requested` minor units of an invoice, from the credit that expires first, then from
 * the oldest. A repeat finds its own entry and draws nothing more.
 */
export function drawn(account: CreditAccount, invoiceId: string, requested: number, now: Instant): CreditAccount {
  return entryOf(account, drawId(invoiceId)) ? account : drawnAs(drawId(invoiceId), account, invoiceId, requested, now);
}

function drawnAs(id: string, account: CreditAccount, invoiceId: string, requested: number, now: Instant): CreditAccount {
  const current = writtenOff(account, now);
  let missing = requested;
  const parts = [...current.grants].sort(byOrderOfUse).flatMap(({ id, remaining }) => {
    const amount = Math.min(remaining, missing);
    missing -= amount;
    return amount > 0 ? [{ id, amount }] : [];
  });
  if (parts.length === 0) return current;
  return posted(current, {
    id,
    at: now,
    from: 'customer',
    to: `invoice:${invoiceId}`,
    amount: requested - missing,
    grants: parts,
  });
}

/**
 * Returns the credit that an invoice had drawn, because it was voided or was made without it. A
 * repeat changes nothing.
 */
export const returned = (account: CreditAccount, invoiceId: string, now: Instant): CreditAccount =>
  returnedParts(account, returnId(invoiceId), invoiceId, partsLeft(account, invoiceId), now);

/**
 * Returns what was drawn for an invoice beyond the `kept` minor units that it was stored with: it
 * was drawn for an earlier draft with a larger total, or for none. What was used last returns
 * first. A repeat changes nothing.
 */
export function returnedBeyond(account: CreditAccount, invoiceId: string, kept: number, now: Instant): CreditAccount {
  if (kept === 0) return returned(account, invoiceId, now);
  if (entryOf(account, excessId(invoiceId))) return account;
  let excess = drawnFor(account, invoiceId) - kept;
  const parts = partsLeft(account, invoiceId)
    .toReversed()
    .map(({ id, amount }) => {
      const part = Math.max(0, Math.min(amount, excess));
      excess -= part;
      return { id, amount: part };
    });
  return returnedParts(account, excessId(invoiceId), invoiceId, parts, now);
}

function returnedParts(account: CreditAccount, id: string, invoiceId: string, parts: readonly GrantPart[], now: Instant): CreditAccount {
  const grants = parts.filter(({ amount }) => amount > 0);
  const amount = sumOf(grants.map((part) => part.amount));
  return amount === 0 ? account : posted(account, { id, at: now, from: `invoice:${invoiceId}`, to: 'customer', amount, grants });
}

export type Reservation = { readonly id: string; readonly amount: number };

const reservationsOf = ({ entries }: CreditAccount, invoiceId: string): readonly CreditEntry[] =>
  entries.filter(({ id }) => id.startsWith(`${invoiceId}:settled:`) && !id.endsWith(':returned'));

/**
 * The credit that is reserved for an open invoice and is neither applied (`applied`: ids of applied
 * funds) nor released.
 */
export function reservationFor(account: CreditAccount, invoiceId: string, applied: readonly string[]): Reservation | undefined {
  const last = reservationsOf(account, invoiceId).at(-1);
  return last === undefined || applied.includes(last.id) || entryOf(account, `${last.id}:returned`)
    ? undefined
    : pick(last, ['id', 'amount']);
}

/**
 * Reserves credit up to the `due` minor units of an open invoice. A repeat reserves nothing more.
 */
export function reserved(account: CreditAccount, invoiceId: string, due: number, applied: readonly string[], now: Instant): CreditAccount {
  if (reservationFor(account, invoiceId, applied) !== undefined) return account;
  return drawnAs(`${invoiceId}:settled:${reservationsOf(account, invoiceId).length + 1}`, account, invoiceId, due, now);
}

/** Releases the reserved credit. A repeat changes nothing. */
export function released(account: CreditAccount, invoiceId: string, applied: readonly string[], now: Instant): CreditAccount {
  const open = reservationFor(account, invoiceId, applied);
  const entry = open && entryOf(account, open.id);
  return entry ? posted(account, { ...entry, id: `${entry.id}:returned`, at: now, from: entry.to, to: 'customer' }) : account;
}

/** Adds an entry and updates the remaining amounts of its grants. */
function posted(account: CreditAccount, entry: CreditEntry): CreditAccount {
  const sign = entry.to === 'customer' ? 1 : -1;
  const moved = new Map(entry.grants.map(({ id, amount }) => [id, sign * amount]));
  const grants = account.grants.map((grant) => ({ ...grant, remaining: grant.remaining + (moved.get(grant.id) ?? 0) }));
  return { ...account, grants, entries: [...account.entries, entry] };
}

const never = '9999';
const byOrderOfUse = (one: CreditGrant, other: CreditGrant): number =>
  compare(one.expiresAt ?? never, other.expiresAt ?? never) || compare(one.grantedAt, other.grantedAt);
const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);
