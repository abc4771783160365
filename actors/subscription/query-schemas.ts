import { z } from 'zod';
import { nothingSchema } from './command-schemas.ts';
import { count, instantSchema } from './terms-schemas.ts';

export const historySchema = z.strictObject({ from: count.default(0), limit: z.number().int().min(1).max(500).default(200) });

export const republishSchema = z.strictObject({ invoiceId: z.string().min(1).max(200) });

/**
 * Commands of people, which can be planned. Outcomes from outside, such as payments, are not among
 * them.
 */
const plannable = z.enum([
  'change',
  'withdrawChange',
  'changeAnchor',
  'applyCoupon',
  'removeCoupon',
  'charge',
  'cancel',
  'uncancel',
  'pause',
  'resume',
  'reactivate',
  'retryPayment',
  'recordPaymentMethod',
]);

/**
 * `{ command: "cancel", body: { when: "now" } }`, or as one object: `{ command: { type: "cancel",
 * when: "now" } }`.
 */
export const plannedCommandSchema = z
  .union([
    z.strictObject({ at: instantSchema.optional(), command: plannable, body: z.record(z.string(), z.unknown()).default({}) }),
    z.strictObject({ at: instantSchema.optional(), command: z.looseObject({ type: plannable }) }),
  ])
  .transform(({ at, command, ...rest }) => {
    if (typeof command === 'string') return { at, command, body: 'body' in rest ? rest.body : {} };
    const { type, ...body } = command;
    return { at, command: type, body };
  });

const gatewaySchema = z.enum(['ok', 'declined', '3ds']);

export const forecastSchema = z.strictObject({ until: instantSchema, assume: gatewaySchema.default('ok') });

export const whatIfSchema = z.strictObject({
  until: instantSchema,
  script: z.array(z.union([z.strictObject({ at: instantSchema, gateway: gatewaySchema }), plannedCommandSchema])).max(500),
});

export const asOfSchema = z.strictObject({ at: instantSchema });

export type PlannedCommand = z.infer<typeof plannedCommandSchema>;
export type Forecast = z.infer<typeof forecastSchema>;
export type WhatIf = z.infer<typeof whatIfSchema>;

/** The schema of each query's body, by the name of its method. */
export const querySchemas = {
  get: nothingSchema,
  preview: plannedCommandSchema,
  forecast: forecastSchema,
  whatIf: whatIfSchema,
  asOf: asOfSchema,
  verify: nothingSchema,
  history: historySchema,
};

export type QueryName = keyof typeof querySchemas;
