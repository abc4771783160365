import { z } from 'zod';
import { minorUnits, period, timezone, utcInstant } from '../fields.ts';
import { invoiceRequestSchema, requestedLineSchema } from './invoice-request.ts';
import { declineCategorySchema } from './payment-resource.ts';
import type { ResourceOf } from './resource-of.ts';
import { endReasonSchema, subscriptionSchema } from './subscription-resource.ts';
import { appliedCouponSchema, retryPolicySchema, subscriptionPolicySchema, termsSchema } from './subscription-terms.ts';

const previous = subscriptionSchema.partial().meta({ description: 'Former values of the fields that changed' });

/**
 * Every event of a subscription has the whole subscription after the change, the former values, and
 * fields of its own.
 */
const event = <Fields extends z.ZodRawShape = Record<never, never>>(
  description: string,
  fields: Fields = {} as Fields,
  example: object = {},
) => z.object({ subscription: subscriptionSchema, previous, ...fields }).meta({ description, example });

const at = utcInstant;
const invoiceId = z.string().meta({ examples: ['inv_sub_1_1'] });
const numberedPeriod = period.extend({ number: z.int().meta({ description: 'Number of the billing period', examples: [2] }) });
const anchor = z.object({ year: z.int(), month: z.int(), day: z.int(), timeOfDayMillis: z.int() }).meta({
  id: 'BillingAnchor',
  description: 'Local time that billing periods are counted from',
  examples: [{ year: 2026, month: 1, day: 31, timeOfDayMillis: 39_600_000 }],
});
const requestedAnchor = z.object({
  day: z.int().meta({ examples: [31] }),
  month: z
    .int()
    .nullable()
    .meta({ examples: [null] }),
});
const commitment = z
  .object({ endsAt: at, exitFee: minorUnits })
  .nullable()
  .meta({ examples: [null] });
const invoice = invoiceRequestSchema.nullable().meta({ description: 'The invoice that is requested, if any' });
const reason = z
  .string()
  .nullable()
  .meta({ examples: ['Too expensive'] });

const refunds = z.array(requestedLineSchema).meta({ description: 'Credit lines to be refunded to the payment method', examples: [[]] });

const lateReturnSchema = z
  .object({ invoiceId, to: z.enum(['credit', 'refund']), lines: z.array(requestedLineSchema) })
  .meta({ id: 'LateReturn', description: 'The credit lines of a cancellation for an invoice that was not paid at the time' });

export type LateReturn = ResourceOf<typeof lateReturnSchema>;

export const subscriptionEvents = {
  'subscription.created': event('A subscription was created.', {
    id: z.string().meta({ examples: ['sub_1'] }),
    customerId: z.string().meta({ examples: ['cus_1'] }),
    terms: termsSchema,
    timezone,
    startAt: at,
    requestedAnchor: requestedAnchor.nullable(),
    trialDays: z.int().meta({ examples: [0] }),
    endsAt: at.nullable(),
    coupons: z.array(appliedCouponSchema),
    prorationUnit: z.enum(['day', 'second']),
    policy: subscriptionPolicySchema,
    hasPaymentMethod: z.boolean(),
  }),
  'subscription.trial-started': event('A trial began.', { trialEnd: at }, { subscription: { status: 'trialing' } }),
  'subscription.started': event('Billing started; the invoice for the first period is requested, unless billed in arrears.', {
    anchor,
    period: numberedPeriod,
    invoice,
    afterTrial: z.boolean(),
    commitment,
  }),
  'subscription.activated': event('The first payment succeeded.', { invoiceId, paidThrough: at }),
  'subscription.renewal-due': event('A billing period began; its invoice is requested.', {
    period: numberedPeriod,
    invoice: invoiceRequestSchema,
  }),
  'subscription.renewed': event('The payment of a renewal succeeded.', { invoiceId, paidThrough: at }),
  'subscription.payment-recorded': event('The payment of an invoice other than a renewal succeeded.', { invoiceId, paidThrough: at }),
  'subscription.late-payment-recorded': event('The payment of an invoice succeeded that was no longer expected.', { invoiceId }),
  'subscription.late-payment-returned': event('A late payment was returned as its cancellation had promised.', {
    invoiceId,
    invoice,
    refunds,
  }),
  'subscription.invoice-closed': event('An invoice was closed that is not owed any more.', {
    invoiceId,
    as: z.enum(['void', 'uncollectible']).meta({ description: 'Whether it was voided or given up as a bad debt' }),
  }),
  'subscription.payment-failed': event(
    'An attempt to collect an invoice failed.',
    {
      invoiceId,
      attempt: z.int().meta({ description: 'Number of the failed attempt', examples: [1] }),
      category: declineCategorySchema,
      declineCode: z
        .string()
        .nullable()
        .meta({ examples: ['insufficient_funds'] }),
      firstFailedAt: at,
      retryAt: at.nullable(),
      suspendAt: at.nullable(),
      graceEndsAt: at.nullable(),
      policy: retryPolicySchema.exactOptional().meta({ description: 'The policy that follows up the failure' }),
    },
    { subscription: { status: 'past-due' } },
  ),
  'subscription.retry-due': event('A failed payment is to be retried.', { invoiceId, attempt: z.int().meta({ examples: [2] }) }),
  'subscription.suspended': event(
    'Access was suspended because of an unpaid invoice.',
    { invoiceId },
    { subscription: { status: 'suspended' } },
  ),
  'subscription.payment-reminder': event('The customer is to be reminded of an unpaid invoice.', {
    invoiceId,
    daysAfterFailure: z.int().meta({ examples: [3] }),
    channels: z.array(z.enum(['email', 'sms', 'in-app'])),
  }),
  'subscription.recovered': event('All overdue invoices were paid.', { invoiceId, paidThrough: at, invoice, period: numberedPeriod }),
  'subscription.changed': event('Plan, quantity or add-ons changed.', {
    terms: termsSchema,
    anchor: anchor.nullable(),
    period: numberedPeriod.nullable(),
    invoice,
    planPeriods: z.int().meta({ description: 'Billed periods of the plan that is now in force', examples: [1] }),
    commitment,
    billedThrough: at.exactOptional().meta({ description: 'In arrears: until when the former terms are billed' }),
  }),
  'subscription.change-scheduled': event('A change of plan, quantity or add-ons was scheduled.', {
    change: z.object({ at, terms: termsSchema, anchor: z.enum(['keep', 'reset', 'day']), proration: z.enum(['prorate', 'none']) }),
  }),
  'subscription.change-withdrawn': event('A scheduled change was withdrawn.'),
  'subscription.anchor-change-scheduled': event('Another day of billing was scheduled.', { anchor: requestedAnchor }),
  'subscription.credit-note-recorded': event('A credit note for one of its invoices was recorded.', {
    creditNoteId: z.string().meta({ examples: ['cn_1'] }),
    invoiceId,
    returned: z.array(z.object({ planId: z.string().meta({ examples: ['plan_premium'] }), amount: minorUnits })),
  }),
  'subscription.coupon-applied': event('A coupon was applied.', { coupon: appliedCouponSchema }),
  'subscription.coupon-removed': event('A coupon was removed.', { couponId: z.string().meta({ examples: ['cpn_launch'] }) }),
  'subscription.charge-added': event('A one-off charge was added.', {
    charge: z.object({
      chargeId: z.string().meta({ examples: ['chg_1'] }),
      description: z.string().meta({ examples: ['Pay-per-view'] }),
      amount: minorUnits,
    }),
    invoice,
  }),
  'subscription.cancellation-scheduled': event('A cancellation was scheduled.', {
    cancelAt: at,
    credit: z.enum(['none', 'prorate']),
    refund: z.enum(['none', 'prorate', 'full']),
    reason,
    lastPeriod: z.literal('full').exactOptional(),
    lastDay: z.literal('included').exactOptional(),
  }),
  'subscription.cancellation-withdrawn': event('A scheduled cancellation was withdrawn.'),
  'subscription.pause-scheduled': event('A pause was scheduled.', {
    pauseAt: at,
    until: at.nullable(),
    credit: z.enum(['none', 'prorate', 'extend']),
  }),
  'subscription.pause-withdrawn': event('A scheduled pause was withdrawn.'),
  'subscription.paused': event(
    'The subscription was paused.',
    {
      pausedAt: at,
      until: at.nullable(),
      unusedMillis: z.int().meta({ description: 'Paid milliseconds to be returned at the resumption', examples: [0] }),
      invoice,
    },
    { subscription: { status: 'paused' } },
  ),
  'subscription.resumed': event('The subscription was resumed.', { anchor, period: numberedPeriod, invoice }),
  'subscription.reactivated': event('An ended subscription begins again.', { terms: termsSchema, hasPaymentMethod: z.boolean() }),
  'subscription.payment-method-recorded': event('It was recorded whether the customer has a payment method.', {
    available: z.boolean(),
    customerSequence: z
      .int()
      .exactOptional()
      .meta({ description: 'Sequence of the event of the customer that says so', examples: [3] }),
  }),
  'subscription.quarantined': event('A change would have broken an invariant; the subscription stands still until it is released.', {
    violation: z.string().meta({ examples: ['subscription.renewal-due (7): the number of the period falls'] }),
  }),
  'subscription.quarantine-released': event('An operator released the subscription from quarantine.'),
  'subscription.ended': event(
    'The subscription ended.',
    {
      status: z.enum(['cancelled', 'expired', 'incomplete-expired']),
      reason: endReasonSchema,
      cancelReason: reason,
      endedAt: at.meta({ description: 'When it ends by its terms; the time of the event may be later' }),
      invoice,
      refunds,
      closes: z
        .array(z.object({ invoiceId, as: z.enum(['void', 'uncollectible']) }))
        .meta({ description: 'Open invoices that are closed unpaid', examples: [[]] }),
      promised: z
        .array(lateReturnSchema)
        .exactOptional()
        .meta({ description: 'What is returned of closed invoices if they are paid after all; absent where nothing is', examples: [[]] }),
    },
    { subscription: { status: 'cancelled', endReason: 'cancelled' } },
  ),
};
