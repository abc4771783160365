import type { Payment } from './payment.ts';

/** The part of an amount that belongs to one payment, under an id of ours. */
export type PaymentShare = { readonly payment: Payment; readonly id: string; readonly amount: number };

/**
 * Splits an amount in minor units over payments: a refund or dispute at the gateway over the
 * payments of its charge, of which a consolidation has several, or a document's refund over the
 * payments of its invoice. Each payment in order takes as much as it has room for, and the last
 * takes the rest. `known` finds the part that an earlier run has decided, which stays, so that a
 * repeat changes nothing.
 */
export function splitByPayment(
  payments: readonly Payment[],
  { id, amount: whole }: { readonly id: string; readonly amount: number },
  room: (payment: Payment) => number,
  known: (payment: Payment, id: string) => { readonly amount: number } | undefined,
): readonly PaymentShare[] {
  let left = whole;
  return payments.flatMap((payment, index) => {
    const partId = index === 0 ? id : `${id}_${index + 1}`;
    const isLast = index === payments.length - 1;
    const amount = known(payment, partId)?.amount ?? (isLast ? left : Math.min(left, room(payment)));
    left -= amount;
    return amount > 0 ? [{ payment, id: partId, amount }] : [];
  });
}
