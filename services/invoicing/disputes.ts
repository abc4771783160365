import type { DisputeResource } from '../shared/contracts/dispute-resource.ts';
import type { MarqueeEvent } from '../shared/events.ts';
import type { Reaction } from '../shared/service.ts';
import type { Invoice, InvoiceDispute } from './invoice.ts';
import type { InvoiceStore } from './store.ts';

const statuses: Readonly<Record<string, InvoiceDispute['status']>> = {
  'dispute.opened': 'open',
  'dispute.lost': 'lost',
  'dispute.won': 'won',
};

/** Notes where a dispute stands. The invoice stays paid: what it says was owed, and what the bank does with the money is beside it. */
export function withDispute(invoice: Invoice, { type, sequence, time, data }: MarqueeEvent<DisputeResource>): Invoice {
  const { disputes = [] } = invoice;
  const { id, amount } = data;
  const known = disputes.find((dispute) => dispute.id === id);
  const status = statuses[type];
  if (status === undefined || (known && known.sequence >= sequence)) return invoice;
  return { ...invoice, disputes: [...disputes.filter((dispute) => dispute !== known), { id, amount, status, at: time, sequence }] };
}

/** What invoices show of disputes. One that names an invoice that is not there yet has to come again. */
export const disputeReaction = (invoices: InvoiceStore): Reaction => ({
  to: Object.keys(statuses),
  handle: async (events: readonly MarqueeEvent<DisputeResource>[]) => {
    const byInvoice = Map.groupBy(events, ({ data }) => data.invoiceId);
    const changed = await invoices.change([...byInvoice.keys()], (invoice) =>
      (byInvoice.get(invoice._id) ?? []).reduce(withDispute, invoice),
    );
    for (const id of byInvoice.keys()) if (!changed.has(id)) throw new Error(`the invoice ${id} is not known yet`);
  },
});
