import { z } from 'zod';
import { sumOf } from '../shared/money.ts';
import { ok, type Route, route } from '../shared/route.ts';
import type { Invoice } from './invoice.ts';
import type { InvoiceStore } from './store.ts';

const pageSize = 200;
const paidPage = z.strictObject({ from: z.string(), to: z.string(), after: z.string() });

/** The amounts of invoices, for the payment service, which compares it with its payments. */
export const reconciliationRoutes = (invoices: InvoiceStore): readonly Route[] => [
  route({
    method: 'post',
    path: '/reconciliation/invoices',
    scope: 'public',
    summary: 'Retrieve the amounts of invoices',
    description: 'Returns the money of each invoice that exists; unknown ids are left out.',
    readsOnly: true,
    body: z.strictObject({ ids: z.array(z.string()).max(1_000) }),
    handle: async ({ body: { ids } }) => ok({ invoices: [...(await invoices.find(ids)).values()].map(moneyOf) }),
  }),
  route({
    method: 'post',
    path: '/reconciliation/paid',
    scope: 'public',
    summary: 'List invoices paid in a period',
    description: 'Lists invoices that were paid in a half-open period, in the order of their ids, behind the id in after.',
    readsOnly: true,
    body: paidPage,
    handle: async ({ body: { from, to, after } }) => {
      const rows = await invoices.paidBetween(from, to, after, pageSize);
      return ok({ invoices: rows.map(moneyOf), next: rows.length < pageSize ? null : (rows.at(-1)?._id ?? null) });
    },
  }),
];

const paidOffline = ({ settlements = [] }: Invoice): number =>
  sumOf(settlements.filter(({ kind }) => kind === 'manual').map(({ amount }) => amount));

/**
 * `told` holds the payment outcomes that the invoice has received, by the sequence of their events.
 */
const moneyOf = (invoice: Invoice) => ({
  id: invoice._id,
  status: invoice.status,
  customerId: invoice.customerId,
  subscriptionId: invoice.subscriptionId,
  currency: invoice.currency,
  amountDue: invoice.amountDue,
  paidByGateway: invoice.amountPaid - paidOffline(invoice),
  issuedAt: invoice.issuedAt,
  testClock: invoice.testClock,
  told: invoice.attempts.map(({ event, outcome }) => ({ sequence: Number(event.slice(event.lastIndexOf(':') + 1)), outcome })),
});
