import { notFound } from '../../shared/problem.ts';
import { ok, type Route, route } from '../../shared/route.ts';
import { printedConsolidation } from '../document/printed-consolidation.ts';
import { formats, respondIn, standardOf } from '../document-routes.ts';
import type { Invoice } from '../invoice.ts';
import { consolidatedAnswer } from '../schemas.ts';
import type { InvoiceStore } from '../store.ts';
import { consolidatedResource, membersOf } from './consolidated-invoice.ts';
import type { ConsolidationStore } from './store.ts';

/** Invoices that are one document: what they come to, and the document. What still waits for others, or stays alone, is none. */
export function consolidationRoutes(consolidations: ConsolidationStore, invoices: InvoiceStore): readonly Route[] {
  const find = async (id: string): Promise<readonly Invoice[]> => {
    const [consolidation] = await consolidations.find([id]);
    return consolidation?.basis ? membersOf(invoices, consolidation.basis) : [];
  };
  return [
    ...Object.entries(formats).map(([ending, format]) =>
      route({
        method: 'get',
        path: `/v1/consolidated-invoices/:id.${ending}`,
        scope: 'invoices:read',
        summary: `A consolidated invoice as ${ending.toUpperCase()}${standardOf(ending)}`,
        handle: async ({ params: { id = '' } }) => {
          const members = await find(id);
          return members.length > 0 ? respondIn(format, ending, printedConsolidation(members)) : notFound('consolidated-invoice', id);
        },
      }),
    ),
    route({
      method: 'get',
      path: '/v1/consolidated-invoices/:id',
      scope: 'invoices:read',
      summary: 'The invoices of several subscriptions that bear one number and were charged once',
      answer: consolidatedAnswer,
      handle: async ({ params: { id = '' } }) => {
        const members = await find(id);
        return members.length > 0 ? ok(consolidatedResource(id, members)) : notFound('consolidated-invoice', id);
      },
    }),
  ];
}
