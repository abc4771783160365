import type { DisputeResource } from '../shared/dispute.ts';
import type { MarqueeEvent } from '../shared/events.ts';
import type { Reaction } from '../shared/service.ts';
import type { Instant } from '../shared/time.ts';
import type { Invoice } from './invoice.ts';
import type { InvoiceStore } from './store.ts';

/** Money of the invoice that a bank has taken back, or had. */
export type InvoiceDispute = {
  readonly id: string;
  /** Minor units. */
  readonly amount: number;
  readonly status: 'open' | 'lost' | 'won';
  readonly at: Instant;
  /** Of the event that said so: a later one counts, whichever comes first. */
  readonly sequence: number;
};

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

/** Minor units that the bank has, for now or for good. */
export const amountDisputed = ({ disputes = [] }: Pick<Invoice, 'disputes'>): number =>
  disputes.reduce((sum, { status, amount }) => (status === 'won' ? sum : sum + amount), 0);

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
