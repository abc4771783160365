import { z } from 'zod';
import { notFound } from '../shared/problem.ts';
import { ok, type Route, route } from '../shared/route.ts';
import { invoiceDifferences, type PlannedRequest, type PreviewParts, previewInvoices } from './preview.ts';

const plannedRequest = z.looseObject({ request: z.looseObject({ invoiceId: z.string() }), at: z.string(), event: z.string() });

const requests = z.array(z.custom<PlannedRequest>((value) => plannedRequest.safeParse(value).success)).max(5_000);

/**
 * Requests of the subscription service, through Dapr. Its own rules made their content, which is
 * therefore not validated again.
 */
export const internalRoutes = (parts: PreviewParts): readonly Route[] => [
  route({
    method: 'post',
    path: '/preview',
    scope: 'public',
    summary: 'Preview the invoices of requests',
    readsOnly: true,
    body: z.strictObject({ customerId: z.string(), subscriptionId: z.string(), requests }),
    handle: async ({ body: { customerId, subscriptionId, requests } }) => {
      const invoices = await previewInvoices(parts, customerId, subscriptionId, requests);
      return invoices ? ok({ invoices }) : notFound('customer', customerId);
    },
  }),
  route({
    method: 'post',
    path: '/verify',
    scope: 'public',
    summary: 'Compare stored invoices with their requests',
    readsOnly: true,
    body: z.strictObject({ subscriptionId: z.string(), requests }),
    handle: async ({ body: { subscriptionId, requests } }) =>
      ok({ differences: await invoiceDifferences(parts, subscriptionId, requests) }),
  }),
];
