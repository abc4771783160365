import { z } from 'zod';
import { localisedText, minorUnits, money, utcInstant } from '../fields.ts';
import type { ResourceOf } from './resource-of.ts';
import { billingIntervalSchema } from './subscription-resource.ts';

export const taxBehaviourSchema = z
  .enum(['inclusive', 'exclusive'])
  .meta({ description: 'Whether prices contain the tax, or the tax is added to them' });

const planTermsSchema = z
  .object({
    planId: z.string().meta({ examples: ['plan_premium'] }),
    version: z.int().meta({ examples: [1] }),
    name: localisedText,
    price: money.meta({ description: 'Price of one unit; without meaning where there are tiers' }),
    tiers: z.array(z.object({ upTo: z.int().nullable(), amount: minorUnits })).meta({
      description: 'Graduated prices: units up to and including upTo (null: all further ones) cost the amount each',
      examples: [[]],
    }),
    phases: z.array(z.object({ periods: z.int(), amount: minorUnits })).meta({
      description: 'Introductory prices of a unit, each for a number of billed periods',
      examples: [[]],
    }),
    commitment: z
      .object({ periods: z.int(), exitFee: minorUnits })
      .nullable()
      .meta({ description: 'A cancellation before so many periods are over costs the fee', examples: [null] }),
    interval: billingIntervalSchema,
    taxBehaviour: taxBehaviourSchema,
    billing: z.enum(['advance', 'arrears']).meta({ description: 'Whether a period is billed when it begins or when it has ended' }),
    minQuantity: z.int().meta({ examples: [1] }),
    maxQuantity: z.int().meta({ examples: [10] }),
    entitlements: z.record(z.string(), z.unknown()).meta({ examples: [{ maxStreams: 4, quality: 'uhd' }] }),
  })
  .meta({ id: 'PlanTerms', description: 'Price and entitlements of a plan version, fixed when the subscription bought it' });

const itemSchema = z
  .object({ plan: planTermsSchema, quantity: z.int().meta({ examples: [1] }) })
  .meta({ id: 'PlanItem', description: 'A plan version and how many units of it are bought' });

export const termsSchema = z
  .object({ plan: planTermsSchema, quantity: z.int().meta({ examples: [1] }), addOns: z.array(itemSchema).meta({ examples: [[]] }) })
  .meta({ id: 'SubscriptionTerms', description: 'What a subscription buys: a plan, and add-ons that bill with it' });

export const appliedCouponSchema = z
  .object({
    couponId: z.string().meta({ examples: ['cpn_launch'] }),
    name: z.string().meta({ examples: ['Launch offer'] }),
    kind: z.enum(['percent', 'amount']),
    percent: z
      .number()
      .nullable()
      .meta({ description: 'Percent with at most two decimals', examples: [20] }),
    amount: minorUnits.nullable().meta({ description: 'Minor units of the currency of the subscription', examples: [null] }),
    periodsLeft: z
      .int()
      .nullable()
      .meta({ description: 'Invoices that it still discounts; null without limit', examples: [3] }),
    endsAt: utcInstant.nullable().meta({ description: 'When it stops discounting', examples: [null] }),
    planIds: z
      .array(z.string())
      .nullable()
      .meta({ description: 'Plans that it discounts; null for all', examples: [null] }),
  })
  .meta({ id: 'AppliedCoupon', description: 'A coupon as a subscription redeemed it' });

const retrySteps = z.object({ retryDays: z.array(z.int()) }).optional();

const retryFields = {
  retryDays: z.array(z.int()).meta({ description: 'Days after which a failed payment is retried', examples: [[1, 3, 5, 7]] }),
  retryMode: z
    .enum(['from-first-failure', 'interval'])
    .meta({ description: 'Whether retry days count from the first failure or from the attempt before' }),
  hardDeclineRetries: z.int().meta({ examples: [0] }),
  suspendAfterDays: z.int().meta({ examples: [7] }),
  graceDays: z.int().meta({ examples: [14] }),
  finalAction: z.enum(['cancel', 'suspend', 'downgrade']).meta({ description: 'What happens when the grace period ends unpaid' }),
  byCategory: z
    .object({ soft: retrySteps, hard: retrySteps, 'expired-card': retrySteps })
    .optional()
    .meta({ description: 'Retry days for declines of a category, in place of the general ones' }),
  timeOfDay: z
    .object({ from: z.string(), to: z.string() })
    .optional()
    .meta({ description: 'Local hours HH:MM that retries are moved into; to is excluded' }),
  paydays: z.array(z.int()).optional().meta({ description: 'Days of the month on which people are paid; -1 is the last' }),
  retryBudget: z
    .object({ attempts: z.int(), days: z.int() })
    .optional()
    .meta({ description: 'How often one invoice may be retried within so many days' }),
  reminders: z
    .array(z.object({ daysAfterFailure: z.int(), channels: z.array(z.enum(['email', 'sms', 'in-app'])) }))
    .optional()
    .meta({ description: 'Reminders between the messages about attempts' }),
};

/**
 * The policy that a subscription keeps from its start on, with the terms that a downgrade leads to.
 */
export const subscriptionPolicySchema = z
  .object({ ...retryFields, downgradeTo: termsSchema.optional() })
  .meta({ id: 'SubscriptionPolicy', description: 'How a subscription follows up failed payments' });

/** A policy as operators see it: a downgrade names its plan. */
export const retryPolicySchema = z
  .object({ ...retryFields, downgradeTo: z.object({ planId: z.string() }).optional() })
  .meta({ id: 'RetryPolicy', description: 'How failed payments are followed up, in local calendar days' });

export type PlanTerms = ResourceOf<typeof planTermsSchema>;

/** A plan version and its quantity. */
export type Item = ResourceOf<typeof itemSchema>;

/** The terms of a subscription: a plan, and add-ons that are billed with it. */
export type Terms = ResourceOf<typeof termsSchema>;

/**
 * A coupon as it was redeemed. `periodsLeft` counts invoices with something to discount. From
 * `endsAt` on it discounts nothing more.
 */
export type AppliedCoupon = ResourceOf<typeof appliedCouponSchema>;

/**
 * The policy that a subscription follows after a failed payment. Days are local calendar days from
 * the first failure (`from-first-failure`) or from the previous attempt (`interval`).
 */
export type RetryPolicy = ResourceOf<typeof subscriptionPolicySchema>;
