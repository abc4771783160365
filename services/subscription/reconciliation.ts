import { z } from 'zod';
import type { SubscriptionClient } from '../../actors/subscription/client.ts';
import { isId } from '../shared/ids.ts';
import { collectionOf } from '../shared/mongo.ts';
import { ok, type Route, route } from '../shared/route.ts';
import type { Store, SubscriptionDocument } from './store.ts';

const pageSize = 200;
const eventsAtOnce = 200;
const invoiceReference = z.strictObject({ invoiceId: z.string(), subscriptionId: z.string() });
type InvoiceReference = z.infer<typeof invoiceReference>;

/**
 * Internal: the knowledge of subscriptions about invoices, for the reconciliation with payments.
 * Nothing here changes a subscription.
 */
export const reconciliationRoutes = ({ subscriptions }: Pick<Store, 'subscriptions'>, client: SubscriptionClient): readonly Route[] => [
  route({
    method: 'post',
    path: '/reconciliation/unaware',
    scope: 'public',
    summary: 'List paid invoices whose payment is unknown here',
    description: 'Of these paid invoices, those whose subscription still waits for the payment.',
    body: z.strictObject({ invoices: z.array(invoiceReference).max(1_000) }),
    handle: async ({ body: { invoices } }) => {
      const ofSubscriptions = invoices.filter(({ subscriptionId }) => isId('sub', subscriptionId));
      const ids = [...new Set(ofSubscriptions.map(({ subscriptionId }) => subscriptionId))];
      const rows = await collectionOf(subscriptions)
        .find({ _id: { $in: ids } })
        .toArray();
      const known = new Map(rows.map((row) => [row._id, row]));
      const unaware: string[] = [];
      for (const paid of ofSubscriptions)
        if (mayWait(known.get(paid.subscriptionId)) && !(await knowsPayment(client, paid))) unaware.push(paid.invoiceId);
      return ok({ unaware });
    },
  }),
  route({
    method: 'post',
    path: '/reconciliation/asked',
    scope: 'public',
    summary: 'List the invoices that renewals requested',
    description:
      'The invoices of the latest renewals that began in the half-open range, in the order of subscription ids, after one of them.',
    body: z.strictObject({ from: z.string(), to: z.string(), after: z.string() }),
    handle: async ({ body: { from, to, after } }) => {
      const rows = await collectionOf(subscriptions)
        .find({ 'renewal.start': { $gte: from, $lt: to }, _id: { $gt: after } })
        .sort({ _id: 1 })
        .limit(pageSize)
        .toArray();
      const asked = rows.flatMap(({ _id: subscriptionId, customerId, renewal }) =>
        renewal ? [{ subscriptionId, customerId, invoiceId: renewal.invoiceId, currency: renewal.currency }] : [],
      );
      return ok({ asked, next: rows.length < pageSize ? null : (rows.at(-1)?._id ?? null) });
    },
  }),
  route({
    method: 'post',
    path: '/reconciliation/ask-again',
    scope: 'public',
    summary: 'Publish the events of an invoice again',
    description: 'Publishes again, under the same ids, the events that requested or closed one invoice.',
    body: invoiceReference,
    handle: async ({ body: { subscriptionId, invoiceId } }) => {
      const result = await client.republishInvoice(subscriptionId, invoiceId);
      return ok(result.ok ? { events: result.events } : { refused: result.rejection.message });
    },
  }),
];

/**
 * False where the read model rules out that the subscription waits for a payment; an unknown one is
 * checked in its history.
 */
const mayWait = (known: SubscriptionDocument | undefined): boolean =>
  known === undefined || (known.endedAt === null && (known.waiting || known.dunning !== null || known.status !== 'active'));

/** Events by which a subscription notes that an invoice was paid. */
const paidEvents = new Set(
  ['activated', 'renewed', 'payment-recorded', 'recovered', 'late-payment-recorded'].map((name) => `subscription.${name}`),
);

/** True if the history of the subscription says that this invoice was paid. */
async function knowsPayment(client: SubscriptionClient, { subscriptionId, invoiceId }: InvoiceReference): Promise<boolean> {
  for (let from = 0; ; from += eventsAtOnce) {
    const history = await client.history(subscriptionId, from, eventsAtOnce);
    const events = history.ok ? history.events : [];
    if (events.some((event) => 'invoiceId' in event && event.invoiceId === invoiceId && paidEvents.has(event.type))) return true;
    if (events.length < eventsAtOnce) return false;
  }
}
