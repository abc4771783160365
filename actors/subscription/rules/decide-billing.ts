import { equal } from '../../../services/shared/equal.ts';
import { accept, type Result, reject } from '../../../services/shared/result.ts';
import type { Instant } from '../../../services/shared/time.ts';
import { paidIfFree } from './decide-payment.ts';
import { eventInvoice, oneOffLine } from './invoice.ts';
import type { AppliedCoupon, Subscription, SubscriptionCommand, SubscriptionEvent } from './subscription.ts';
import type { RequestedAnchor } from './subscription-parts.ts';

type RecordCreditNote = Extract<SubscriptionCommand, { type: 'recordCreditNote' }>;
type Charge = Extract<SubscriptionCommand, { type: 'charge' }>;

/** Moves the day of billing: at the end of the period already billed, with a stub from there to the new day. Before billing starts it just starts there. */
export function changeAnchor(state: Subscription, { day, month }: RequestedAnchor, now: Instant): SubscriptionEvent[] {
  const anchor = { day, month };
  const wished = state.anchor === null ? state.requestedAnchor : state.nextAnchor;
  return equal(wished, anchor) ? [] : [{ type: 'subscription.anchor-change-scheduled', at: now, anchor }];
}

/** From the next invoice on. One coupon is applied once: what is used up or was taken off does not come back. */
export function applyCoupon(state: Subscription, coupon: AppliedCoupon, now: Instant): Result<SubscriptionEvent[]> {
  const { couponId } = coupon;
  if (state.coupons.some((applied) => applied.couponId === couponId)) return accept([]);
  if (state.appliedCouponIds.includes(couponId)) return reject('coupon-used', `${couponId} was applied here before.`, '/couponId');
  return accept([{ type: 'subscription.coupon-applied', at: now, coupon }]);
}

export const removeCoupon = ({ coupons }: Subscription, couponId: string, now: Instant): SubscriptionEvent[] =>
  coupons.some((coupon) => coupon.couponId === couponId) ? [{ type: 'subscription.coupon-removed', at: now, couponId }] : [];

/** Only what the charged items still hold counts: a note for time that is over, or was given back before, takes nothing away. */
export function recordCreditNote(state: Subscription, note: RecordCreditNote, now: Instant): SubscriptionEvent[] {
  const { creditNoteId, invoiceId } = note;
  if (state.creditNoteIds.includes(creditNoteId)) return [];
  const returned = state.charged.flatMap((item) => {
    const { planId } = item.terms.plan;
    const back = item.invoiceId === invoiceId ? note.returned.filter((line) => line.planId === planId) : [];
    const amount = Math.min(
      item.amount - item.credited,
      back.reduce((sum, line) => sum + line.amount, 0),
    );
    return amount > 0 ? [{ planId, amount }] : [];
  });
  return returned.length === 0 ? [] : [{ type: 'subscription.credit-note-recorded', at: now, creditNoteId, invoiceId, returned }];
}

/** A one-off charge. With `invoiceNow` it is an invoice of its own, which needs a subscription whose billing has started and nothing outstanding. */
export function charge(
  state: Subscription,
  { chargeId, description, amount, invoiceNow }: Charge,
  now: Instant,
): Result<SubscriptionEvent[]> {
  const known = [...state.billedChargeIds, ...state.pendingCharges.map((pending) => pending.chargeId)];
  if (known.includes(chargeId)) return accept([]);
  const pending = { chargeId, description, amount };
  if (!invoiceNow) return accept([{ type: 'subscription.charge-added', at: now, charge: pending, invoice: null }]);
  if (state.status !== 'active')
    return reject('wrong-status', `A subscription that is ${state.status} is not charged in between.`, '/invoiceNow');
  if (state.openInvoices.length > 0)
    return reject('payment-outstanding', 'An invoice of this subscription is not paid yet.', '/invoiceNow');
  const invoice = eventInvoice(state, 'one-off', { start: now, end: now }, [oneOffLine(pending, now)], [pending]);
  return accept(paidIfFree(state, { type: 'subscription.charge-added', at: now, charge: pending, invoice }, now));
}
