import type { EventTypeOf } from '../shared/contracts/events.ts';
import type { MarqueeEvent } from '../shared/events.ts';
import { type Reaction, reaction } from '../shared/reaction.ts';
import type { Invoice, InvoiceDispute } from './invoice.ts';
import type { InvoiceStore } from './store.ts';

const statuses: Readonly<Record<EventTypeOf<'dispute'>, InvoiceDispute['status']>> = {
  'dispute.opened': 'open',
  'dispute.lost': 'lost',
  'dispute.won': 'won',
};

/**
 * Records the status of a dispute. The invoice stays paid: it says what was owed, whatever the bank
 * does with the money.
 */
export function withDispute(invoice: Invoice, { type, sequence, time, data }: MarqueeEvent<'dispute.*'>): Invoice {
  const { disputes = [] } = invoice;
  const { id, amount } = data;
  const known = disputes.find((dispute) => dispute.id === id);
  const status = statuses[type];
  if (known && known.sequence >= sequence) return invoice;
  return { ...invoice, disputes: [...disputes.filter((dispute) => dispute !== known), { id, amount, status, at: time, sequence }] };
}

/** Issues the promised credit notes of these invoices that the events have made possible. */
export type KeepPromises = (
  invoices: ReadonlyMap<string, Invoice>,
  events: readonly MarqueeEvent<'payment.*' | 'dispute.*'>[],
) => Promise<readonly string[]>;

/**
 * Records disputes on their invoices. An event that overtakes its invoice fails and is redelivered.
 * Money that a bank has given back may make promised credit notes possible.
 */
export const disputeReaction = (invoices: InvoiceStore, keepPromises: KeepPromises): Reaction =>
  reaction(['dispute.*'], async (events) => {
    const byInvoice = Map.groupBy(events, ({ data }) => data.invoiceId);
    const changed = await invoices.change([...byInvoice.keys()], (invoice) =>
      (byInvoice.get(invoice._id) ?? []).reduce(withDispute, invoice),
    );
    for (const id of byInvoice.keys()) if (!changed.has(id)) throw new Error(`the invoice ${id} is not known yet`);
    return keepPromises(changed, events);
  });
