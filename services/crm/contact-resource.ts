import { z } from 'zod';
import { disputeSchema } from '../shared/contracts/dispute-resource.ts';
import { subscriptionStatusSchema } from '../shared/contracts/subscription-resource.ts';
import { money, utcInstant } from '../shared/fields.ts';
import { lifecycleStages } from './contact.ts';

const contactSubscriptionSchema = z
  .object({
    id: z.string().meta({ examples: ['sub_1'] }),
    status: subscriptionStatusSchema,
    planId: z.string().meta({ examples: ['plan_premium'] }),
    quantity: z.int(),
    price: money.meta({ description: 'Price of one unit for each billing interval' }),
    monthly: money.meta({ description: 'Recurring amount, normalised to a month' }),
    trialEnd: utcInstant.nullable(),
    cancelAt: utcInstant.nullable(),
    pausedAt: utcInstant.nullable(),
    endedAt: utcInstant.nullable(),
  })
  .meta({ id: 'ContactSubscription', description: 'A subscription in the words of a CRM' });

const contactDisputeSchema = disputeSchema
  .pick({ id: true, status: true, amount: true, currency: true, invoiceId: true, evidenceDueBy: true })
  .meta({ id: 'ContactDispute', description: 'A dispute in the words of a CRM' });

export const contactSchema = z
  .object({
    customerId: z.string().meta({ examples: ['cus_1'] }),
    email: z.string().meta({ description: 'Empty once the customer is erased' }),
    name: z.string().meta({ description: 'Empty once the customer is erased' }),
    phone: z.string().nullable(),
    locale: z.string(),
    country: z.string(),
    currency: z.string(),
    timezone: z.string(),
    createdAt: utcInstant,
    erased: z.boolean(),
    lifecycleStage: z.enum(lifecycleStages),
    mrr: z.array(money).meta({ description: 'Monthly recurring revenue, one amount for each currency' }),
    lastPaymentFailedAt: utcInstant.nullable(),
    subscriptions: z.array(contactSubscriptionSchema),
    disputes: z.array(contactDisputeSchema),
    changedAt: utcInstant.meta({ description: 'System time of the last change' }),
    testClock: z.string().nullable(),
  })
  .meta({ id: 'Contact', description: 'A customer as a CRM stores them' });
