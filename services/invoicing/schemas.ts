import { z } from 'zod';
import { listQuery } from '../shared/list.ts';
import { isCurrency } from '../shared/money.ts';
import { instantOf } from '../shared/time.ts';
import type { RequestedReturn } from './void-return.ts';

/** An instant in the form that instants are stored in. */
export const instant = z.string().transform((text, check) => {
  const read = instantOf(text);
  if (read === undefined) check.addIssue({ code: 'custom', message: 'Give an existing instant as ISO 8601 with Z or an offset.' });
  return read ?? '';
});
export const currency = z.string().refine(isCurrency, 'Give an ISO 4217 currency.');
const money = z.object({ amount: z.number().int(), currency: z.string() });
const period = z.object({ start: z.string(), end: z.string() });

export const newCreditBody = z.strictObject({
  amount: z.number().int().min(1).max(1_000_000_000_000),
  currency,
  reason: z.string().min(1).max(500),
  expiresAt: instant.nullable().default(null),
});
const givenBack = z.number().int().min(0).max(1_000_000_000_000);
export const voidBody: z.ZodType<RequestedReturn> = z
  .strictObject({ credit: givenBack.optional(), refund: givenBack.optional() })
  .default({});
export const emptyBody: z.ZodType<RequestedReturn> = z.strictObject({}).default({});
export const balanceQuery = z.strictObject({ currency: currency.optional() });
export const statementQuery = z.strictObject({
  currency: currency.optional(),
  from: instant.default('1970-01-01T00:00:00.000Z'),
  to: instant.optional(),
});
export const balanceAnswer = money.extend({ customerId: z.string(), data: z.array(money) });

export const invoicesQuery = listQuery({
  customerId: z.string().max(200).optional(),
  subscriptionId: z.string().max(200).optional(),
  consolidationId: z.string().max(300).optional(),
  status: z.enum(['draft', 'open', 'paid', 'void', 'uncollectible', 'refunded', 'partially-refunded']).optional(),
});

const line = z.object({
  kind: z.enum(['recurring', 'credit', 'discount', 'one-off', 'add-on']),
  description: z.string(),
  amount: z.number().int(),
  discount: z.number().int(),
  quantity: z.number().int(),
  period: period.nullable(),
  taxRate: z.string(),
  taxCategory: z.string(),
  tax: z.number().int(),
  planId: z.string().nullable(),
});
export const invoiceAnswer = z.object({
  id: z.string(),
  number: z.string(),
  status: z.string(),
  customerId: z.string(),
  subscriptionId: z.string(),
  issuedAt: z.string(),
  dueAt: z.string(),
  period,
  lines: z.array(line),
  subtotal: z.number().int(),
  discount: z.number().int(),
  tax: z.number().int(),
  taxes: z.array(
    z.object({
      category: z.string(),
      rate: z.string(),
      taxable: z.number().int(),
      tax: z.number().int(),
      reason: z.string().nullable(),
      note: z.string().nullable(),
      name: z.string(),
      jurisdiction: z.string(),
    }),
  ),
  total: z.number().int(),
  creditApplied: z.number().int(),
  creditGranted: z.number().int(),
  amountDue: z.number().int(),
  amountPaid: z.number().int(),
  credited: z.number().int(),
  amountRefunded: z.number().int(),
  amountDisputed: z.number().int(),
  amountRemaining: z.number().int(),
  settlements: z.array(
    z.object({
      id: z.string(),
      kind: z.enum(['credit', 'manual']),
      amount: z.number().int(),
      at: z.string(),
      receipt: z.object({ method: z.string(), reference: z.string(), proof: z.string().nullable(), receivedAt: z.string() }).nullable(),
    }),
  ),
  reopened: z.array(z.object({ refundId: z.string(), amount: z.number().int() })),
  givenBack: z.object({ credit: z.number().int(), refund: z.number().int() }).nullable(),
  currency: z.string(),
  attempts: z.array(z.object({ at: z.string(), outcome: z.string(), declineCode: z.string().nullable() })),
  testClock: z.string().nullable(),
  consolidationId: z.string().nullable(),
});
export const invoicesAnswer = z.object({ data: z.array(invoiceAnswer), nextCursor: z.string().nullable() });
export const consolidatedAnswer = invoiceAnswer
  .pick({ id: true, number: true, customerId: true, currency: true, status: true, issuedAt: true, testClock: true })
  .extend({
    ...invoiceAnswer.pick({ subtotal: true, discount: true, tax: true, total: true }).shape,
    ...invoiceAnswer.pick({ creditApplied: true, amountDue: true, amountPaid: true }).shape,
    invoices: z.array(invoiceAnswer),
  });
