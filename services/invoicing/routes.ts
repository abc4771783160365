import { nowOn } from '../shared/domain-time.ts';
import { given } from '../shared/list.ts';
import { newId } from '../shared/new-id.ts';
import { isProblem, notFound } from '../shared/problem.ts';
import { created, ok, type Route, route } from '../shared/route.ts';
import type { Platform } from '../shared/service.ts';
import { balanceAt, granted } from './account-credit.ts';
import type { createClosing } from './closing.ts';
import type { CreditStore } from './credit-store.ts';
import { explain } from './explain.ts';
import { type Invoice, invoiceResource } from './invoice.ts';
import { balanceAnswer, balanceQuery, invoiceAnswer, invoicesAnswer, invoicesQuery, newCreditBody } from './schemas.ts';
import type { InvoiceStore } from './store.ts';

export type InvoicingParts = {
  readonly platform: Platform;
  readonly invoices: InvoiceStore;
  readonly credits: CreditStore;
  readonly closing: ReturnType<typeof createClosing>;
};

export const invoicingRoutes = (parts: InvoicingParts): readonly Route[] => [
  ...readingRoutes(parts),
  ...closingRoutes(parts),
  ...creditRoutes(parts),
];

const readingRoutes = ({ invoices }: InvoicingParts): readonly Route[] => [
  route({
    method: 'get',
    path: '/v1/invoices',
    scope: 'invoices:read',
    summary: 'Invoices, the latest first',
    query: invoicesQuery,
    answer: invoicesAnswer,
    handle: async ({ query: { limit, cursor, ...filters } }) => {
      const { data, nextCursor } = await invoices.list(given(filters), { limit, cursor });
      return ok({ data: data.map(invoiceResource), nextCursor });
    },
  }),
  route({
    method: 'get',
    path: '/v1/invoices/:id',
    scope: 'invoices:read',
    summary: 'One invoice',
    answer: invoiceAnswer,
    handle: async ({ params: { id = '' } }) => answerOf(id, (await invoices.find([id])).get(id), invoiceResource),
  }),
  route({
    method: 'get',
    path: '/v1/invoices/:id/explain',
    scope: 'invoices:read',
    summary: 'Which event, rule, day count, fraction and price made each line',
    handle: async ({ params: { id = '' } }) => answerOf(id, (await invoices.find([id])).get(id), explain),
  }),
];

const answerOf = (id: string, invoice: Invoice | undefined, show: (invoice: Invoice) => unknown) =>
  invoice ? ok(show(invoice)) : notFound('invoice', id);

const closingRoutes = ({ platform, invoices, closing }: InvoicingParts): readonly Route[] =>
  (
    [
      ['void', 'void', 'Void an open invoice: nobody owes it, and account credit it used is returned'],
      ['mark-uncollectible', 'uncollectible', 'Give an open invoice up as a bad debt; a late payment still settles it'],
    ] as const
  ).map(([verb, as, summary]) =>
    route({
      method: 'post',
      path: `/v1/invoices/:id/${verb}`,
      scope: 'invoices:write',
      summary,
      answer: invoiceAnswer,
      handle: async ({ params: { id = '' } }) => {
        const invoice = (await invoices.find([id])).get(id);
        if (!invoice) return notFound('invoice', id);
        const after = await closing.close(invoice, as, await nowOn(platform, invoice.testClock));
        return isProblem(after) ? after : ok(invoiceResource(after));
      },
    }),
  );

const creditRoutes = ({ platform, invoices, credits }: InvoicingParts): readonly Route[] => [
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
    summary: 'Give a customer account credit; the next invoices use it before any payment',
    body: newCreditBody,
    handle: async ({ params: { id = '' }, body, idempotencyKey }) => {
      const customer = (await invoices.customers([id])).get(id);
      if (!customer) return notFound('customer', id);
      const now = await nowOn(platform, customer.testClock);
      const credit = { ...body, id: idempotencyKey === undefined ? newId('evt') : `request:${idempotencyKey}` };
      const account = await credits.change(id, body.currency, (before) => granted(before, credit, now));
      return created({ customerId: id, ...body, balance: { amount: balanceAt(account, now), currency: body.currency } });
    },
  }),
];
