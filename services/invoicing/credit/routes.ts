import { z } from 'zod';
import { nowOn } from '../../shared/domain-time.ts';
import { amount, currency, instant, minorUnits, money, utcInstant } from '../../shared/fields.ts';
import { newId } from '../../shared/new-id.ts';
import { notFound } from '../../shared/problem.ts';
import { created, ok, type Route, route } from '../../shared/route.ts';
import { plusMillis } from '../../shared/time.ts';
import { type InvoicingParts, largestAmount } from '../routes.ts';
import { balanceAt, creditAccountId, newCreditAccount } from './account-credit.ts';
import { statementOf } from './statement.ts';

const creditBody = z
  .strictObject({
    amount: amount.max(largestAmount),
    currency,
    reason: z.string().min(1).max(500),
    expiresAt: instant.nullable().default(null).meta({ description: 'When the unused part expires; null for never' }),
  })
  .meta({ id: 'GrantCredit' });

const grantedCreditSchema = z
  .object({
    customerId: z.string(),
    amount: minorUnits,
    currency,
    reason: z.string(),
    expiresAt: utcInstant.nullable(),
    balance: money.meta({ description: 'Account credit that is left after it paid open invoices' }),
  })
  .meta({ id: 'GrantedCredit' });

const balanceSchema = z
  .object({
    customerId: z.string(),
    amount: minorUnits,
    currency,
    data: z.array(money).meta({ description: 'The balance in every currency that the customer has an account in' }),
  })
  .meta({ id: 'CreditBalance', description: 'Account credit that can be used now, in minor units' });

const statementQuery = z.strictObject({
  currency: currency.optional(),
  from: instant.default('1970-01-01T00:00:00.000Z').meta({ description: 'Start of the period, which belongs to it' }),
  to: instant.optional().meta({ description: 'End of the period, which does not belong to it; now by default' }),
});

const statementSchema = z
  .object({
    customerId: z.string(),
    currency,
    from: utcInstant,
    to: utcInstant,
    opening: minorUnits.meta({ description: 'Balance before the first line' }),
    lines: z.array(
      z.object({
        id: z.string(),
        at: utcInstant,
        kind: z.enum(['granted', 'applied', 'returned', 'expired']),
        amount: minorUnits.meta({ description: 'Minor units, negative where the credit decreases' }),
        balance: minorUnits.meta({ description: 'Balance after the line' }),
        reason: z.string().nullable(),
        invoiceId: z.string().nullable(),
      }),
    ),
    closing: minorUnits.meta({ description: 'Balance after the last line' }),
  })
  .meta({ id: 'CreditStatement', description: 'Movements of account credit in a half-open period, in minor units' });

/** The account credit of a customer: balance, statement, and granting some. */
export const creditRoutes = ({ platform, invoices, credits, granter }: InvoicingParts): readonly Route[] => [
  route({
    method: 'get',
    path: '/v1/customers/:id/credit-balance',
    scope: 'credits:read',
    operationId: 'retrieveCreditBalance',
    summary: 'Retrieve the account credit of a customer',
    description:
      'Returns the account credit that can be used now, in minor units: in the given currency (by default the currency of the customer), and in every currency in data.',
    query: z.strictObject({ currency: currency.optional() }),
    responses: { 200: balanceSchema },
    problems: ['customer-not-found'],
    handle: async ({ params: { id = '' }, query }) => {
      const customer = (await invoices.customers([id])).get(id);
      if (!customer) return notFound('customer', id);
      const now = await nowOn(platform, customer.testClock);
      const data = (await credits.ofCustomer(id)).map((account) => ({ amount: balanceAt(account, now), currency: account.currency }));
      const currency = query.currency ?? customer.currency;
      return ok({ customerId: id, amount: data.find((balance) => balance.currency === currency)?.amount ?? 0, currency, data });
    },
  }),
  route({
    method: 'post',
    path: '/v1/customers/:id/credits',
    scope: 'credits:write',
    operationId: 'grantCredit',
    summary: 'Grant account credit',
    description:
      'Grants account credit in minor units. It pays the open invoices of the customer, oldest first and the last one perhaps in part; the rest is applied to the next invoices before they are charged. A repeat with the same Idempotency-Key grants nothing more.',
    body: creditBody,
    responses: { 201: grantedCreditSchema },
    problems: ['customer-not-found'],
    handle: async ({ params: { id = '' }, body, idempotencyKey }) => {
      const customer = (await invoices.customers([id])).get(id);
      if (!customer) return notFound('customer', id);
      const now = await nowOn(platform, customer.testClock);
      const credit = { ...body, id: idempotencyKey === undefined ? newId('evt') : `request:${idempotencyKey}` };
      const account = await granter.grant(customer, body.currency, credit, now);
      return created({ customerId: id, ...body, balance: { amount: balanceAt(account, now), currency: body.currency } });
    },
  }),
  route({
    method: 'get',
    path: '/v1/customers/:id/credit-statement',
    scope: 'credits:read',
    operationId: 'retrieveCreditStatement',
    summary: 'Retrieve the credit statement of a customer',
    description:
      'Returns every movement of account credit in one currency in the half-open period from `from` to `to`, in order, with the balance before and after.',
    query: statementQuery,
    responses: { 200: statementSchema },
    problems: ['customer-not-found'],
    handle: async ({ params: { id = '' }, query }) => {
      const customer = (await invoices.customers([id])).get(id);
      if (!customer) return notFound('customer', id);
      const now = await nowOn(platform, customer.testClock);
      const { currency = customer.currency, from, to = plusMillis(now, 1) } = query;
      const accountId = creditAccountId(id, currency);
      const account = (await credits.find([accountId])).get(accountId) ?? newCreditAccount(id, currency);
      return ok({ customerId: id, currency, from, to, ...statementOf(account, from, to, now) });
    },
  }),
];
