import { z } from 'zod';
import type { SubscriptionClient } from '../../actors/subscription/client.ts';
import { isId } from '../shared/ids.ts';
import { ok, type Route, route } from '../shared/route.ts';
import type { Store, SubscriptionDocument } from './store.ts';

const pageSize = 200;
const eventsAtOnce = 200;
const ofInvoice = z.strictObject({ invoiceId: z.string(), subscriptionId: z.string() });
type PaidInvoice = z.infer<typeof ofInvoice>;

/** What subscriptions say about invoices, for whoever compares it with payments. Nothing here changes a subscription. */
export const reconciliationRoutes = ({ subscriptions }: Pick<Store, 'subscriptions'>, client: SubscriptionClient): readonly Route[] => [
  route({
    method: 'post',
    path: '/reconciliation/unaware',
    scope: 'public',
    summary: 'Of these paid invoices the ones whose subscription still waits for the payment',
    body: z.strictObject({ invoices: z.array(ofInvoice).max(1_000) }),
    handle: async ({ body: { invoices } }) => {
      const ofSubscriptions = invoices.filter(({ subscriptionId }) => isId('sub', subscriptionId));
      const ids = [...new Set(ofSubscriptions.map(({ subscriptionId }) => subscriptionId))];
      const rows = (await subscriptions.find({ _id: { $in: ids } } as never).lean()) as unknown as SubscriptionDocument[];
      const known = new Map(rows.map((row) => [row._id, row]));
      const unaware: string[] = [];
      for (const paid of ofSubscriptions)
        if (mayWait(known.get(paid.subscriptionId)) && !(await hasHeard(client, paid))) unaware.push(paid.invoiceId);
      return ok({ unaware });
    },
  }),
  route({
    method: 'post',
    path: '/reconciliation/asked',
    scope: 'public',
    summary: 'The invoices of the latest renewals whose time began in a period, in the order of their subscriptions, after one of them',
    body: z.strictObject({ from: z.string(), to: z.string(), after: z.string() }),
    handle: async ({ body: { from, to, after } }) => {
      const filter = { 'renewal.start': { $gte: from, $lt: to }, _id: { $gt: after } } as never;
      const found = subscriptions.find(filter).sort({ _id: 1 }).limit(pageSize);
      const rows = (await found.lean()) as unknown as SubscriptionDocument[];
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
    summary: 'Tells again, under the same ids, what a subscription asked of one of its invoices',
    body: ofInvoice,
    handle: async ({ body: { subscriptionId, invoiceId } }) => {
      const answer = await client.republishInvoice(subscriptionId, invoiceId);
      return ok(answer.ok ? { events: answer.events } : { refused: answer.rejection.message });
    },
  }),
];

/** Only one that waits for some payment may wait for this one; whoever the read model does not know is asked itself. */
const mayWait = (known: SubscriptionDocument | undefined): boolean =>
  known === undefined || (known.endedAt === null && (known.waiting || known.dunning !== null || known.status !== 'active'));

const hearing = new Set(
  ['activated', 'renewed', 'payment-recorded', 'recovered', 'late-payment-recorded'].map((name) => `subscription.${name}`),
);

/** Whether the subscription's own history says that this invoice was paid. */
async function hasHeard(client: SubscriptionClient, { subscriptionId, invoiceId }: PaidInvoice): Promise<boolean> {
  for (let from = 0; ; from += eventsAtOnce) {
    const history = await client.history(subscriptionId, from, eventsAtOnce);
    const events = history.ok ? history.events : [];
    if (events.some((event) => 'invoiceId' in event && event.invoiceId === invoiceId && hearing.has(event.type))) return true;
    if (events.length < eventsAtOnce) return false;
  }
}
