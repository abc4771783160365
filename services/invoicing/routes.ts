import { nowOn } from '../shared/domain-time.ts';
import { splitListQuery } from '../shared/list.ts';
import { isProblem, notFound } from '../shared/problem.ts';
import { ok, type Route, route } from '../shared/route.ts';
import type { Platform } from '../shared/service.ts';
import type { createInvoiceCloser } from './close-invoice.ts';
import type { CreditGranter } from './credit/grant-credit.ts';
import type { CreditStore } from './credit/store.ts';
import { explainInvoice } from './explain-invoice.ts';
import type { Invoice } from './invoice.ts';
import { invoiceResource } from './invoice-resource.ts';
import { emptyBody, invoiceAnswer, invoicesAnswer, invoicesQuery, voidBody } from './schemas.ts';
import type { InvoiceStore } from './store.ts';

export type InvoicingParts = {
  readonly platform: Platform;
  readonly invoices: InvoiceStore;
  readonly credits: CreditStore;
  readonly closer: ReturnType<typeof createInvoiceCloser>;
  readonly granter: CreditGranter;
};

export const invoicingRoutes = (parts: InvoicingParts): readonly Route[] => [...readRoutes(parts), ...closeRoutes(parts)];

const readRoutes = ({ invoices }: InvoicingParts): readonly Route[] => [
  route({
    method: 'get',
    path: '/v1/invoices',
    scope: 'invoices:read',
    summary: 'Invoices, the latest first',
    query: invoicesQuery,
    answer: invoicesAnswer,
    handle: async ({ query: { consolidationId, status, ...query } }) => {
      const { page, filters } = splitListQuery({ ...query, 'consolidation.id': consolidationId });
      const { data, nextCursor } = await invoices.list({ ...filters, ...statusFilter(status) }, page);
      return ok({ data: data.map(invoiceResource), nextCursor });
    },
  }),
  route({
    method: 'get',
    path: '/v1/invoices/:id',
    scope: 'invoices:read',
    summary: 'One invoice',
    answer: invoiceAnswer,
    handle: async ({ params: { id = '' } }) => respondWith(id, (await invoices.find([id])).get(id), invoiceResource),
  }),
  route({
    method: 'get',
    path: '/v1/invoices/:id/explain',
    scope: 'invoices:read',
    summary: 'Which event, rule, day count, fraction and price made each line',
    handle: async ({ params: { id = '' } }) => respondWith(id, (await invoices.find([id])).get(id), explainInvoice),
  }),
];

/** The stored fields for a status of the API: a refund does not change the stored status. */
const statusFilter = (status: string | undefined): Readonly<Record<string, unknown>> => {
  if (status === undefined) return {};
  if (status === 'refunded' || status === 'partially-refunded') return { status: 'paid', refundState: status };
  return status === 'paid' ? { status, refundState: null } : { status };
};

const respondWith = (id: string, invoice: Invoice | undefined, show: (invoice: Invoice) => unknown) =>
  invoice ? ok(show(invoice)) : notFound('invoice', id);

const closeRoutes = ({ platform, invoices, closer }: InvoicingParts): readonly Route[] =>
  (
    [
      ['void', 'void', 'Void an open invoice: nobody owes it; what was paid of it goes back as account credit, or as asked', voidBody],
      ['mark-uncollectible', 'uncollectible', 'Give an open invoice up as a bad debt; a late payment still settles it', emptyBody],
    ] as const
  ).map(([verb, as, summary, body]) =>
    route({
      method: 'post',
      path: `/v1/invoices/:id/${verb}`,
      scope: 'invoices:write',
      summary,
      body,
      answer: invoiceAnswer,
      handle: async ({ params: { id = '' }, body: asked }) => {
        const invoice = (await invoices.find([id])).get(id);
        if (!invoice) return notFound('invoice', id);
        const after = await closer.close(invoice, as, await nowOn(platform, invoice.testClock), asked);
        return isProblem(after) ? after : ok(invoiceResource(after));
      },
    }),
  );
