import { z } from 'zod';
import { minorUnits, money, period, timezone, utcInstant } from '../fields.ts';
import type { ResourceOf } from './resource-of.ts';

export const subscriptionStatusSchema = z.enum([
  'scheduled',
  'trialing',
  'incomplete',
  'incomplete-expired',
  'active',
  'past-due',
  'suspended',
  'paused',
  'cancelled',
  'expired',
]);

export const endReasonSchema = z
  .enum(['cancelled', 'term-over', 'payment-failed', 'first-payment-missing', 'trial-without-payment-method'])
  .meta({ description: 'cancelled: on request; any other value: ended automatically' });

const wakeReasonSchema = z.enum([
  'start',
  'trial-end',
  'renewal',
  'cancellation',
  'pause',
  'resume',
  'change',
  'term-end',
  'first-payment-expiry',
  'payment-pending',
  'retry',
  'suspension',
  'grace-end',
  'payment-reminder',
]);

export const billingIntervalSchema = z
  .object({ unit: z.enum(['day', 'week', 'month', 'year']), count: z.int().meta({ examples: [1] }) })
  .meta({ id: 'BillingInterval', description: 'How often a plan bills' });

const addOns = z.array(
  z.object({
    planId: z.string().meta({ examples: ['plan_sports'] }),
    planVersion: z.int().meta({ examples: [1] }),
    quantity: z.int().meta({ examples: [1] }),
  }),
);

const quantity = z.int().meta({ examples: [1] });
const planId = z.string().meta({ examples: ['plan_premium'] });
const planVersion = z.int().meta({ examples: [1] });

/**
 * A subscription, in responses and inside every `subscription.*` event. The rules build it; a test
 * holds both to each other.
 */
export const subscriptionSchema = z
  .object({
    id: z.string().meta({ examples: ['sub_1'] }),
    status: subscriptionStatusSchema,
    customerId: z.string().meta({ examples: ['cus_1'] }),
    planId,
    planVersion,
    quantity,
    price: money.meta({ description: 'Price of one unit of the plan' }),
    addOns,
    recurringAmount: money.meta({ description: 'Price of a whole period with add-ons, before discounts and tax' }),
    interval: billingIntervalSchema,
    billing: z.enum(['advance', 'arrears']).meta({ description: 'Whether a period is billed when it begins or when it has ended' }),
    entitlements: z
      .record(z.string(), z.unknown())
      .meta({ description: 'What the plan and its add-ons grant', examples: [{ maxStreams: 4, quality: 'uhd' }] }),
    currentPeriod: period.nullable().meta({ description: 'Billing period, or trial, that is running' }),
    nextBillingAt: utcInstant.nullable().meta({ description: 'When the next invoice is made if nothing changes; null when none will be' }),
    nextWake: z
      .object({ at: utcInstant, reason: wakeReasonSchema })
      .nullable()
      .meta({ description: 'When the subscription next acts on its own, and why' }),
    trialEnd: utcInstant.nullable(),
    cancelAt: utcInstant.nullable().meta({ description: 'When a scheduled cancellation takes effect' }),
    cancelReason: z
      .string()
      .nullable()
      .meta({ description: 'Reason that was given with the cancellation', examples: [null] }),
    pausedAt: utcInstant.nullable(),
    endedAt: utcInstant.nullable(),
    endReason: endReasonSchema.nullable(),
    createdAt: utcInstant,
    paidThrough: utcInstant.nullable().meta({ description: 'End of the last period known to be paid' }),
    anchor: z
      .object({
        day: z.int().meta({ examples: [31] }),
        month: z
          .int()
          .optional()
          .meta({ examples: [1] }),
      })
      .nullable()
      .meta({ description: 'Day of billing; with month for yearly intervals only. Null until billing starts, unless a day was requested' }),
    timezone,
    scheduledChange: z
      .object({ at: utcInstant, planId, planVersion, quantity, addOns })
      .nullable()
      .meta({ description: 'Change of plan, quantity or add-ons that takes effect later' }),
    endsAt: utcInstant.nullable().meta({ description: 'End of a fixed term' }),
    commitment: z
      .object({ endsAt: utcInstant, exitFee: minorUnits })
      .nullable()
      .meta({ description: 'A cancellation before endsAt costs the exit fee, in minor units of the price' }),
    pendingCharges: z
      .array(z.object({ chargeId: z.string(), description: z.string(), amount: minorUnits }))
      .meta({ description: 'One-off charges for the next invoice' }),
    dunning: z
      .object({
        invoiceId: z.string().meta({ examples: ['inv_sub_1_1'] }),
        attempt: z.int().meta({ description: 'Number of failed attempts', examples: [1] }),
        nextRetryAt: utcInstant.nullable(),
        graceEndsAt: utcInstant.nullable(),
      })
      .nullable()
      .meta({ description: 'The oldest invoice whose payment failed' }),
    coupons: z.array(z.string()).meta({ description: 'Ids of the coupons that discount it', examples: [['cpn_launch']] }),
    sequence: z.int().meta({ description: 'Number of events of the subscription so far', examples: [7] }),
    testClock: z
      .string()
      .nullable()
      .meta({ description: 'Test clock of the customer, null for real time', examples: [null] }),
  })
  .meta({ id: 'Subscription', description: 'A subscription of a customer to a plan' });

export type BillingInterval = ResourceOf<typeof billingIntervalSchema>;
export type EndReason = z.infer<typeof endReasonSchema>;
export type SubscriptionStatus = z.infer<typeof subscriptionStatusSchema>;
export type WakeReason = z.infer<typeof wakeReasonSchema>;
export type SubscriptionResource = ResourceOf<typeof subscriptionSchema>;
