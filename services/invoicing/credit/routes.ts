import { nowOn } from '../../shared/domain-time.ts';
import { newId } from '../../shared/new-id.ts';
import { notFound } from '../../shared/problem.ts';
import { created, ok, type Route, route } from '../../shared/route.ts';
import { plusMillis } from '../../shared/time.ts';
import type { InvoicingParts } from '../routes.ts';
import { balanceAnswer, balanceQuery, newCreditBody, statementQuery } from '../schemas.ts';
import { balanceAt, creditAccountId, newCreditAccount } from './account-credit.ts';
import { statementOf } from './statement.ts';

/** A customer's account credit: how much, how it came to be, and giving some. */
export const creditRoutes = ({ platform, invoices, credits, granter }: InvoicingParts): readonly Route[] => [
  route({
    method: 'get',
    path: '/v1/customers/:id/credit-balance',
    scope: 'credits:read',
    summary: "A customer's account credit, in one currency and in all",
    query: balanceQuery,
    answer: balanceAnswer,
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
    summary: 'Give a customer account credit; it pays open invoices that it covers, and the next ones before any payment',
    body: newCreditBody,
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
    summary: 'Every movement of account credit in a time, with the balance before and after',
    query: statementQuery,
    handle: async ({ params: { id = '' }, query }) => {
      const customer = (await invoices.customers([id])).get(id);
      if (!customer) return notFound('customer', id);
      const now = await nowOn(platform, customer.testClock);
      const { currency = customer.currency, from, to = plusMillis(now, 1) } = query;
      const account = (await credits.find([creditAccountId(id, currency)])).get(creditAccountId(id, currency));
      return ok({ customerId: id, currency, from, to, ...statementOf(account ?? newCreditAccount(id, currency), from, to, now) });
    },
  }),
];
