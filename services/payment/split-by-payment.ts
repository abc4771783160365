import { sumOf } from '../shared/money.ts';
import type { Payment } from './payment.ts';

/** The part of an amount that belongs to one payment, under an id of ours. */
export type PaymentShare = { readonly payment: Payment; readonly id: string; readonly amount: number };
type Part = Pick<PaymentShare, 'id' | 'amount'>;

/**
 * Splits an amount in minor units over payments: a refund or dispute at the gateway over the
 * payments of its charge, of which a consolidation has several, or a document's refund over the
 * payments of its invoice. Each payment in order takes as much as it has room for, and the last
 * takes the rest. Parts that an earlier run has recorded (`partsOf`) stay as they are, on whichever
 * payment they are and whatever payments have joined since, so that a repeat changes nothing.
 */
export function splitByPayment(
  payments: readonly Payment[],
  { id, amount: whole }: Part,
  room: (payment: Payment) => number,
  partsOf: (payment: Payment) => readonly Part[],
): readonly PaymentShare[] {
  const recorded = payments.map((payment) => partsOf(payment).find((part) => isPartOf(id, part.id)));
  const taken = new Set(recorded.flatMap((part) => part?.id ?? []));
  const last = recorded.lastIndexOf(undefined);
  let left = Math.max(0, whole - sumOf(recorded.map((part) => part?.amount ?? 0)));
  return payments.flatMap((payment, index) => {
    const part = recorded[index];
    if (part) return [{ payment, id: part.id, amount: part.amount }];
    const amount = index === last ? left : Math.min(left, room(payment));
    left -= amount;
    return amount > 0 ? [{ payment, id: freeId(id, index, taken), amount }] : [];
  });
}

/** Parts have the id of the whole, or that id and a number. */
const isPartOf = (id: string, part: string): boolean =>
  part === id || (part.startsWith(`${id}_`) && /^\d+$/.test(part.slice(id.length + 1)));

/** The id of a new part: by the place of its payment, or the next number that no part has. */
function freeId(id: string, index: number, taken: Set<string>): string {
  const wanted = index === 0 ? id : `${id}_${index + 1}`;
  if (taken.has(wanted)) return freeId(id, index + 1, taken);
  taken.add(wanted);
  return wanted;
}
