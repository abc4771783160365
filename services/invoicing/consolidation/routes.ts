import { notFound } from '../../shared/problem.ts';
import { ok, type Route, route } from '../../shared/route.ts';
import { printedConsolidation } from '../document/printed-consolidation.ts';
import { formats, respondIn } from '../document-routes.ts';
import type { Invoice } from '../invoice.ts';
import type { InvoiceStore } from '../store.ts';
import { consolidatedResource, consolidatedSchema, membersOf } from './consolidated-invoice.ts';
import type { ConsolidationStore } from './store.ts';

/**
 * Consolidated invoices and their documents. Renewals that still wait for others, or that became an
 * ordinary invoice, are not found here.
 */
export function consolidationRoutes(consolidations: ConsolidationStore, invoices: InvoiceStore): readonly Route[] {
  const find = async (id: string): Promise<readonly Invoice[]> => {
    const [consolidation] = await consolidations.find([id]);
    return consolidation?.basis ? membersOf(invoices, consolidation.basis) : [];
  };
  return [
    ...formats.map((format) =>
      route({
        method: 'get',
        path: `/v1/consolidated-invoices/:id.${format.extension}`,
        scope: 'invoices:read',
        operationId: `retrieveConsolidatedInvoice${format.name}`,
        summary: `Retrieve a consolidated invoice ${format.summary}`,
        description: `Returns the document of a consolidated invoice with the lines of all its invoices. ${format.description}`,
        responses: format.responses,
        problems: ['consolidated-invoice-not-found', ...format.problems],
        handle: async ({ params: { id = '' } }) => {
          const members = await find(id);
          return members.length > 0 ? respondIn(format, printedConsolidation(members)) : notFound('consolidated-invoice', id);
        },
      }),
    ),
    route({
      method: 'get',
      path: '/v1/consolidated-invoices/:id',
      scope: 'invoices:read',
      operationId: 'retrieveConsolidatedInvoice',
      summary: 'Retrieve a consolidated invoice',
      description:
        'Returns the invoices of several subscriptions of one customer that share one number and one charge, with their sums in minor units.',
      responses: { 200: consolidatedSchema },
      problems: ['consolidated-invoice-not-found'],
      handle: async ({ params: { id = '' } }) => {
        const members = await find(id);
        return members.length > 0 ? ok(consolidatedResource(id, members)) : notFound('consolidated-invoice', id);
      },
    }),
  ];
}
