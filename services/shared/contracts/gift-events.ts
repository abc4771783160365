import { z } from 'zod';
import { money, utcInstant } from '../fields.ts';
import { invoiceRequestSchema } from './invoice-request.ts';
import { billingIntervalSchema } from './subscription-resource.ts';

const giftId = z.string().meta({ examples: ['gift_1'] });
const invoiceId = z.string().meta({ examples: ['inv_gift_1_1'] });

export const giftSchema = z
  .object({
    id: giftId,
    customerId: z.string().meta({ description: 'The customer who pays', examples: ['cus_1'] }),
    planId: z.string().meta({ examples: ['plan_premium'] }),
    quantity: z.int().meta({ examples: [1] }),
    addOns: z.array(z.object({ planId: z.string(), quantity: z.int() })).meta({ examples: [[]] }),
    periods: z.int().meta({ description: 'Number of periods that are given', examples: [3] }),
    message: z
      .string()
      .nullable()
      .meta({ examples: ['Happy birthday!'] }),
    interval: billingIntervalSchema,
    price: money.meta({ description: 'Price of all periods' }),
    status: z.enum(['pending', 'payment-failed', 'ready', 'redeemed', 'cancelled']),
    invoiceId,
    failedAttempts: z.int().meta({ examples: [0] }),
    redeemedBy: z
      .string()
      .nullable()
      .meta({ description: 'The customer who redeemed it', examples: [null] }),
    subscriptionId: z
      .string()
      .nullable()
      .meta({ description: 'The subscription it was redeemed for', examples: [null] }),
    testClock: z
      .string()
      .nullable()
      .meta({ examples: [null] }),
    createdAt: utcInstant,
  })
  .meta({ id: 'PublishedGift', description: 'A subscription that one customer pays for and another one redeems by code' });

export const giftEvents = {
  'gift.purchased': z
    .object({
      gift: giftSchema,
      subscription: z.object({ id: giftId, customerId: z.string().meta({ examples: ['cus_1'] }) }),
      invoice: invoiceRequestSchema,
    })
    .meta({ description: 'A gift was purchased; its invoice is requested.', example: { invoice: { cause: 'gift' } } }),
  'gift.retry-due': z
    .object({ invoiceId, attempt: z.int().meta({ examples: [2] }) })
    .meta({ description: 'The failed payment of a gift is to be retried.' }),
};
