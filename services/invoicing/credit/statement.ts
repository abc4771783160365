import type { Instant } from '../../shared/time.ts';
import { type CreditAccount, type CreditEntry, writtenOff } from './account-credit.ts';

export type StatementLine = {
  readonly id: string;
  readonly at: Instant;
  readonly kind: 'granted' | 'applied' | 'returned' | 'expired';
  /** Minor units, negative where the customer's credit decreases; `balance` is after it. */
  readonly amount: number;
  readonly balance: number;
  readonly reason: string | null;
  readonly invoiceId: string | null;
};

export type Statement = {
  readonly opening: number;
  readonly lines: readonly StatementLine[];
  readonly closing: number;
};

/**
 * A customer's credit in `[from, to)`: opening balance, every movement in order, closing balance.
 * Credit that has expired by `now` counts as written off.
 */
export function statementOf(account: CreditAccount, from: Instant, to: Instant, now: Instant): Statement {
  const current = writtenOff(account, now);
  const reasons = new Map(current.grants.map(({ id, reason }) => [id, reason]));
  let balance = 0;
  const all = current.entries.map((entry): StatementLine => {
    const amount = entry.to === 'customer' ? entry.amount : 0 - entry.amount;
    balance += amount;
    const { id, at } = entry;
    return { id, at, kind: kindOf(entry), amount, balance, reason: reasons.get(id) ?? null, invoiceId: invoiceOf(entry) };
  });
  const lines = all.filter(({ at }) => at >= from && at < to);
  const opening = all.findLast(({ at }) => at < from)?.balance ?? 0;
  return { opening, lines, closing: lines.at(-1)?.balance ?? opening };
}

const kindOf = ({ from, to }: CreditEntry): StatementLine['kind'] =>
  from === 'granted' ? 'granted' : to === 'expired' ? 'expired' : to === 'customer' ? 'returned' : 'applied';

const invoiceOf = ({ from, to }: CreditEntry): string | null =>
  [from, to].find((account) => account.startsWith('invoice:'))?.slice('invoice:'.length) ?? null;
