import type { Payment } from './payment.ts';

/** What of an amount belongs to one payment, and under which id of ours. */
export type ChargePart = { readonly payment: Payment; readonly id: string; readonly amount: number };

/**
 * Spreads money over payments: what moved at a gateway over those of its charge, of which there are several in a consolidation, or what a
 * document gives back over those of its invoice. In order, as far as each has room, the last takes the rest. `known` is what an earlier look decided, which stays, so that a repeat finds itself.
 */
export function chargeParts(
  payments: readonly Payment[],
  { id, amount: whole }: { readonly id: string; readonly amount: number },
  room: (payment: Payment) => number,
  known: (payment: Payment, id: string) => { readonly amount: number } | undefined,
): readonly ChargePart[] {
  let left = whole;
  return payments.flatMap((payment, index) => {
    const partId = index === 0 ? id : `${id}_${index + 1}`;
    const isLast = index === payments.length - 1;
    const amount = known(payment, partId)?.amount ?? (isLast ? left : Math.min(left, room(payment)));
    left -= amount;
    return amount > 0 ? [{ payment, id: partId, amount }] : [];
  });
}
