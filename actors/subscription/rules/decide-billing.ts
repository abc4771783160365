import { equal } from '../../../services/shared/equal.ts';
import { accept, type Result, reject } from '../../../services/shared/result.ts';
import type { Instant } from '../../../services/shared/time.ts';
import { paidIfFree } from './decide-payment.ts';
import { eventInvoice, oneOffLine } from './invoice.ts';
import { hasUnpaidInvoice } from './rejections.ts';
import type { AppliedCoupon, Subscription, SubscriptionCommand, SubscriptionEvent } from './subscription.ts';
import type { RequestedAnchor } from './subscription-parts.ts';

type RecordCreditNote = Extract<SubscriptionCommand, { type: 'recordCreditNote' }>;
type Charge = Extract<SubscriptionCommand, { type: 'charge' }>;

/**
 * Moves the day of billing at the end of the period that is already billed, with a stub from there
 * to the new day. Before billing starts, it starts on that day.
 */
export function changeAnchor(state: Subscription, { day, month }: RequestedAnchor, now: Instant): SubscriptionEvent[] {
  const anchor = { day, month };
  const current = state.anchor === null ? state.requestedAnchor : state.nextAnchor;
  return equal(current, anchor) ? [] : [{ type: 'subscription.anchor-change-scheduled', at: now, anchor }];
}

/**
 * Applies a coupon from the next invoice on. A coupon is applied once: one that was used up or
 * removed cannot be applied again.
 */
export function applyCoupon(state: Subscription, coupon: AppliedCoupon, now: Instant): Result<SubscriptionEvent[]> {
  const { couponId } = coupon;
  if (state.coupons.some((applied) => applied.couponId === couponId)) return accept([]);
  if (state.appliedCouponIds.includes(couponId))
    return reject('coupon-used', `The coupon ${couponId} was already applied to the subscription ${state.id}.`, '/couponId');
  return accept([{ type: 'subscription.coupon-applied', at: now, coupon }]);
}

export const removeCoupon = ({ coupons }: Subscription, couponId: string, now: Instant): SubscriptionEvent[] =>
  coupons.some((coupon) => coupon.couponId === couponId) ? [{ type: 'subscription.coupon-removed', at: now, couponId }] : [];

/**
 * Records a credit note. It only counts against the rest of the charged items: a note for time that
 * is over, or that was returned before, takes nothing away.
 */
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

/**
 * Adds a one-off charge, in minor units. With `invoiceNow` it is an invoice of its own, for which
 * the subscription must be active and have no unpaid invoice.
 */
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
    return reject(
      'wrong-status',
      `The subscription ${state.id} is ${state.status}; only an active subscription can be invoiced immediately.`,
      '/invoiceNow',
    );
  if (state.openInvoices.length > 0) return hasUnpaidInvoice(state, '/invoiceNow');
  const invoice = eventInvoice(state, 'one-off', { start: now, end: now }, [oneOffLine(pending, now)], [pending]);
  return accept(paidIfFree(state, { type: 'subscription.charge-added', at: now, charge: pending, invoice }, now));
}
