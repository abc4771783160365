import type { Connection } from 'mongoose';
import { z } from 'zod';
import { ok, type Route, route } from '../shared/route.ts';
import type { Invoice } from './invoice.ts';
import type { InvoiceStore } from './store.ts';

const pageSize = 200;
const paidPage = z.strictObject({ from: z.string(), to: z.string(), after: z.string() });

/** What invoices say about money, for whoever compares it with payments. */
export const reconciliationRoutes = (documents: Connection, invoices: InvoiceStore): readonly Route[] => [
  route({
    method: 'post',
    path: '/reconciliation/invoices',
    scope: 'public',
    summary: 'What these invoices say about money; unknown ones are left out',
    body: z.strictObject({ ids: z.array(z.string()).max(1_000) }),
    handle: async ({ body: { ids } }) => ok({ invoices: [...(await invoices.find(ids)).values()].map(factsOf) }),
  }),
  route({
    method: 'post',
    path: '/reconciliation/paid',
    scope: 'public',
    summary: 'The invoices that were paid in a period, in the order of their ids, after one of them',
    body: paidPage,
    handle: async ({ body }) => {
      const rows = await paidIn(documents, body);
      return ok({ invoices: rows.map(factsOf), next: rows.length < pageSize ? null : (rows.at(-1)?._id ?? null) });
    },
  }),
];

async function paidIn(documents: Connection, { from, to, after }: z.infer<typeof paidPage>): Promise<readonly Invoice[]> {
  const changes = { $elemMatch: { type: 'invoice.paid', at: { $gte: from, $lt: to } } };
  const found = documents.collection('invoices').find({ changes, _id: { $gt: after } } as never);
  return (await found.sort({ _id: 1 }).limit(pageSize).toArray()) as unknown as Invoice[];
}

const manualOf = ({ settlements = [] }: Invoice): number =>
  settlements.reduce((sum, { kind, amount }) => (kind === 'manual' ? sum + amount : sum), 0);

/** `told`: the outcomes of its payment that it has heard, by the sequence of their events. */
const factsOf = (invoice: Invoice) => ({
  id: invoice._id,
  status: invoice.status,
  customerId: invoice.customerId,
  subscriptionId: invoice.subscriptionId,
  currency: invoice.currency,
  amountDue: invoice.amountDue,
  paidByGateway: invoice.amountPaid - manualOf(invoice),
  issuedAt: invoice.issuedAt,
  testClock: invoice.testClock,
  told: invoice.attempts.map(({ event, outcome }) => ({ sequence: Number(event.slice(event.lastIndexOf(':') + 1)), outcome })),
});
