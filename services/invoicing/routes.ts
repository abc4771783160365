import { z } from 'zod';
import { invoiceSchema, invoiceStatusSchema } from '../shared/contracts/invoice-resource.ts';
import { nowOn } from '../shared/domain-time.ts';
import { identity } from '../shared/fields.ts';
import { listQuery, pageSchema, splitListQuery } from '../shared/list.ts';
import { isProblem, notFound } from '../shared/problem.ts';
import { ok, type Route, route } from '../shared/route.ts';
import type { Platform } from '../shared/service.ts';
import type { InvoiceCloser } from './close-invoice.ts';
import type { CreditGranter } from './credit/grant-credit.ts';
import type { CreditStore } from './credit/store.ts';
import { explainInvoice, explanationSchema } from './explain-invoice.ts';
import type { Invoice } from './invoice.ts';
import { invoiceResource } from './invoice-resource.ts';
import type { InvoiceStore } from './store.ts';
import type { RequestedReturn } from './void-return.ts';

export type InvoicingParts = {
  readonly platform: Platform;
  readonly invoices: InvoiceStore;
  readonly credits: CreditStore;
  readonly closer: InvoiceCloser;
  readonly granter: CreditGranter;
};

/** Largest amount of minor units that a request may name. */
export const largestAmount = 1_000_000_000_000;

const invoicesQuery = listQuery({
  customerId: identity('cus').optional().meta({ description: 'Only invoices of this customer' }),
  subscriptionId: identity('sub').optional().meta({ description: 'Only invoices of this subscription' }),
  consolidationId: z.string().max(300).optional().meta({ description: 'Only invoices of this consolidated invoice' }),
  status: invoiceStatusSchema.optional().meta({ description: 'Only invoices with this status' }),
});

const returnedAmount = (description: string) =>
  z
    .int()
    .min(0)
    .max(largestAmount)
    .optional()
    .meta({ description, examples: [1099] });

const voidBody: z.ZodType<RequestedReturn> = z
  .strictObject({
    credit: returnedAmount('Minor units to return as account credit; by default everything that was paid and is not refunded'),
    refund: returnedAmount('Minor units to refund to the payment method; 0 by default'),
  })
  .default({})
  .meta({ id: 'VoidInvoice' });

const emptyBody: z.ZodType<RequestedReturn> = z.strictObject({}).default({});

export const invoicingRoutes = (parts: InvoicingParts): readonly Route[] => [...readRoutes(parts), ...closeRoutes(parts)];

const readRoutes = ({ invoices }: InvoicingParts): readonly Route[] => [
  route({
    method: 'get',
    path: '/v1/invoices',
    scope: 'invoices:read',
    operationId: 'listInvoices',
    summary: 'List invoices',
    description:
      'Lists invoices, newest first. Every filter narrows the list. The status paid excludes invoices that were refunded, in full or in part.',
    query: invoicesQuery,
    responses: { 200: pageSchema(invoiceSchema) },
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
    operationId: 'retrieveInvoice',
    summary: 'Retrieve an invoice',
    description:
      'Returns a finalised invoice with its lines, taxes, attempts and applied funds. All amounts are minor units of its currency.',
    responses: { 200: invoiceSchema },
    problems: ['invoice-not-found'],
    handle: async ({ params: { id = '' } }) => respondWith(id, (await invoices.find([id])).get(id), invoiceResource),
  }),
  route({
    method: 'get',
    path: '/v1/invoices/:id/explain',
    scope: 'invoices:read',
    operationId: 'explainInvoice',
    summary: 'Explain the lines of an invoice',
    description:
      'Returns, for each line, the event, rule, day count, fraction, price version, discounts and tax that its amount was computed from.',
    responses: { 200: explanationSchema },
    problems: ['invoice-not-found'],
    handle: async ({ params: { id = '' } }) => respondWith(id, (await invoices.find([id])).get(id), explainInvoice),
  }),
];

/** The stored fields for a status of the API: a refund does not change the stored status. */
const statusFilter = (status: string | undefined): Readonly<Record<string, unknown>> => {
  if (status === undefined) return {};
  if (status === 'refunded' || status === 'partially-refunded') return { status: 'paid', refundState: status };
  return status === 'paid' ? { status, refundState: null } : { status };
};

const respondWith = (id: string, invoice: Invoice | undefined, resourceOf: (invoice: Invoice) => unknown) =>
  invoice ? ok(resourceOf(invoice)) : notFound('invoice', id);

type CloseRoute = Pick<Route<RequestedReturn>, 'path' | 'operationId' | 'summary' | 'description' | 'body' | 'problems'>;

const closeRoutes = (parts: InvoicingParts): readonly Route[] => [
  closeRoute(parts, 'void', {
    path: '/v1/invoices/:id/void',
    operationId: 'voidInvoice',
    summary: 'Void an invoice',
    description:
      'Voids an open or uncollectible invoice: it is no longer owed. Everything that was paid returns as account credit unless the body divides it between credit and refund, in minor units. A repeat returns the invoice as it was voided the first time. A paid invoice is refused; issue a credit note for it instead.',
    body: voidBody,
    problems: ['invoice-not-found', 'invoice-not-open', 'exceeds-paid', 'exceeds-total', 'keeps-paid'],
  }),
  closeRoute(parts, 'uncollectible', {
    path: '/v1/invoices/:id/mark-uncollectible',
    operationId: 'markInvoiceUncollectible',
    summary: 'Mark an invoice as uncollectible',
    description:
      'Gives up an open invoice as a bad debt and stops collecting it. A late payment still pays it. A repeat returns the invoice unchanged.',
    body: emptyBody,
    problems: ['invoice-not-found', 'invoice-not-open'],
  }),
];

const closeRoute = ({ platform, invoices, closer }: InvoicingParts, as: 'void' | 'uncollectible', definition: CloseRoute): Route =>
  route<RequestedReturn>({
    ...definition,
    method: 'post',
    scope: 'invoices:write',
    responses: { 200: invoiceSchema },
    handle: async ({ params: { id = '' }, body }) => {
      const invoice = (await invoices.find([id])).get(id);
      if (!invoice) return notFound('invoice', id);
      const after = await closer.close(invoice, as, await nowOn(platform, invoice.testClock), body);
      return isProblem(after) ? after : ok(invoiceResource(after));
    },
  });
