import { z } from 'zod';
import { invoicePreviewSchema } from '../shared/contracts/invoice-resource.ts';
import { subscriptionSchema, subscriptionStatusSchema } from '../shared/contracts/subscription-resource.ts';
import { utcInstant } from '../shared/fields.ts';

/**
 * Responses about what would happen to a subscription, and about what happened. Amounts are in
 * minor units.
 */

const plannedEvent = z
  .looseObject({ type: z.string().meta({ examples: ['subscription.changed'] }), at: utcInstant })
  .meta({ id: 'PlannedEvent', description: 'An event that would happen, with the fields of its type' });

const forecastEvent = z
  .looseObject({
    type: z.string().meta({ examples: ['subscription.renewed'] }),
    at: utcInstant,
    status: subscriptionStatusSchema.meta({ description: 'Status after the event' }),
  })
  .meta({ id: 'ForecastEvent', description: 'An event of a forecast, with the fields of its type' });

const rejectionSchema = z
  .object({ code: z.string(), message: z.string(), pointer: z.string().optional() })
  .meta({ id: 'CommandRejection', description: 'Why a command would be refused' });

/** The invoice of a change; its further fields are absent where the change makes no invoice. */
export const changePreviewSchema = invoicePreviewSchema
  .partial()
  .extend({
    id: z.string().nullable().meta({ description: 'null where the change makes no invoice' }),
    status: z.literal('draft'),
    at: utcInstant.meta({ description: 'The instant of the preview' }),
    subscription: subscriptionSchema.meta({ description: 'The subscription after the change' }),
  })
  .required({ lines: true, subtotal: true, discount: true, tax: true, total: true, creditApplied: true, amountDue: true, amountPaid: true })
  .meta({ id: 'SubscriptionChangePreview', description: 'The invoice that a change would make, and the subscription after it' });

export const commandPreviewSchema = z
  .object({
    at: utcInstant.meta({ description: 'The instant of the preview' }),
    events: z.array(plannedEvent),
    invoices: z.array(invoicePreviewSchema),
    subscription: subscriptionSchema.meta({ description: 'The subscription after the command' }),
  })
  .meta({ id: 'SubscriptionCommandPreview', description: 'The effects that a command would have now' });

export const forecastResultSchema = z
  .object({
    from: utcInstant,
    until: utcInstant,
    events: z.array(forecastEvent),
    states: z
      .array(z.object({ at: utcInstant, status: subscriptionStatusSchema }))
      .meta({ description: 'Each status with the instant from which it holds' }),
    refused: z
      .array(z.object({ at: utcInstant, type: z.string(), rejection: rejectionSchema }))
      .meta({ description: 'Commands of the script that would be refused' }),
    isCut: z.boolean().meta({ description: 'True if the forecast ended early because too many events would happen' }),
    invoices: z.array(invoicePreviewSchema),
    subscription: subscriptionSchema.meta({ description: 'The subscription at the end of the forecast' }),
  })
  .meta({ id: 'SubscriptionForecast', description: 'The course of a subscription until an instant' });

export const verificationSchema = z
  .object({
    verified: z.boolean().meta({ description: 'True if nothing differs' }),
    invoices: z.int().meta({ description: 'Number of invoices that the history requests' }),
    complaints: z.array(z.string()).meta({ description: 'Differences between the subscription and its history' }),
    differences: z
      .array(z.object({ invoiceId: z.string(), field: z.string(), stored: z.unknown(), derived: z.unknown() }))
      .meta({ description: 'Fields of stored invoices that differ from those derived again' }),
  })
  .meta({ id: 'SubscriptionVerification', description: 'The comparison of a subscription with its history' });
