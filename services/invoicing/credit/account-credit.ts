import type { Instant } from '../../shared/time.ts';

/** Credit of one origin. `remaining` is what has neither been used nor written off. */
export type CreditGrant = {
  readonly id: string;
  readonly amount: number;
  readonly remaining: number;
  readonly reason: string;
  readonly grantedAt: Instant;
  readonly expiresAt: Instant | null;
};

/** A double entry: `amount` > 0 leaves one account and arrives in the other, so that all entries together sum to zero. */
export type CreditEntry = {
  readonly id: string;
  readonly at: Instant;
  readonly from: LedgerAccount;
  readonly to: LedgerAccount;
  readonly amount: number;
  /** Which grants it touches, and by how much. */
  readonly grants: readonly { readonly id: string; readonly amount: number }[];
};
export type LedgerAccount = 'granted' | 'customer' | 'expired' | `invoice:${string}`;

/** One customer's credit in one currency: a single document, so that drawing from it is atomic. */
export type CreditAccount = {
  readonly _id: string;
  readonly customerId: string;
  readonly currency: string;
  readonly grants: readonly CreditGrant[];
  readonly entries: readonly CreditEntry[];
  readonly revision: number;
  /** Kept beside the grants, so that what has expired is found. */
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

/** When credit is lost next, if it is not used before: null where none expires. What is past is not written off yet. */
export const nextExpiry = ({ grants }: CreditAccount): Instant | null =>
  grants
    .flatMap(({ remaining, expiresAt }) => (remaining > 0 && expiresAt !== null ? [expiresAt] : []))
    .sort()
    .at(0) ?? null;

const entryOf = ({ entries }: CreditAccount, id: string): CreditEntry | undefined => entries.find((entry) => entry.id === id);

export type NewCredit = { readonly id: string; readonly amount: number; readonly reason: string; readonly expiresAt: Instant | null };

/** Adds credit once: a repeat under the same id changes nothing. */
export function granted(account: CreditAccount, { id, amount, reason, expiresAt }: NewCredit, now: Instant): CreditAccount {
  if (amount <= 0 || entryOf(account, id)) return account;
  const grant = { id, amount, remaining: amount, reason, grantedAt: now, expiresAt };
  const entry: CreditEntry = { id, at: now, from: 'granted', to: 'customer', amount, grants: [{ id, amount }] };
  return { ...account, grants: [...account.grants, grant], entries: [...account.entries, entry] };
}

/** Writes expired credit off by an entry a grant, never silently. */
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

/** Minor units drawn for an invoice so far; 0 where none were, or where they were returned. */
export function drawnFor(account: CreditAccount, invoiceId: string): number {
  return entryOf(account, returnId(invoiceId)) ? 0 : (entryOf(account, drawId(invoiceId))?.amount ?? 0);
}

const drawId = (invoiceId: string) => `${invoiceId}:applied`;
const returnId = (invoiceId: string) => `${invoiceId}:returned`;

/** Pays up to `wanted` of an invoice, soonest expiring first, then oldest. A repeat finds its own entry and draws nothing more. */
export function drawn(account: CreditAccount, invoiceId: string, wanted: number, now: Instant): CreditAccount {
  return entryOf(account, drawId(invoiceId)) ? account : drawnAs(drawId(invoiceId), account, invoiceId, wanted, now);
}

function drawnAs(id: string, account: CreditAccount, invoiceId: string, wanted: number, now: Instant): CreditAccount {
  const current = writtenOff(account, now);
  let missing = wanted;
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
    amount: wanted - missing,
    grants: parts,
  });
}

/** Gives back what an invoice had drawn: it was voided, or was made without it. A repeat changes nothing. */
export function returned(account: CreditAccount, invoiceId: string, now: Instant): CreditAccount {
  const draw = entryOf(account, drawId(invoiceId));
  if (!draw || entryOf(account, returnId(invoiceId))) return account;
  return posted(account, { ...draw, id: returnId(invoiceId), at: now, from: draw.to, to: 'customer' });
}

export type Reservation = { readonly id: string; readonly amount: number };

const reservationsOf = ({ entries }: CreditAccount, invoiceId: string): readonly CreditEntry[] =>
  entries.filter(({ id }) => id.startsWith(`${invoiceId}:settled:`) && !id.endsWith(':returned'));

/** What is put aside for an invoice that was open, and has neither paid it (`applied`: ids of what has) nor been given back. */
export function reservationFor(account: CreditAccount, invoiceId: string, applied: readonly string[]): Reservation | undefined {
  const last = reservationsOf(account, invoiceId).at(-1);
  return last === undefined || applied.includes(last.id) || entryOf(account, `${last.id}:returned`) ? undefined : last;
}

/** Puts aside what there is, up to what is due of an open invoice. A repeat finds it put aside. */
export function reserved(account: CreditAccount, invoiceId: string, due: number, applied: readonly string[], now: Instant): CreditAccount {
  if (reservationFor(account, invoiceId, applied) !== undefined) return account;
  return drawnAs(`${invoiceId}:settled:${reservationsOf(account, invoiceId).length + 1}`, account, invoiceId, due, now);
}

/** Gives back what was put aside. A repeat changes nothing. */
export function released(account: CreditAccount, invoiceId: string, applied: readonly string[], now: Instant): CreditAccount {
  const open = reservationFor(account, invoiceId, applied);
  const entry = open && entryOf(account, open.id);
  return entry ? posted(account, { ...entry, id: `${entry.id}:returned`, at: now, from: entry.to, to: 'customer' }) : account;
}

/** Adds an entry and moves what remains of its grants. */
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
