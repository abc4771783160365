import type { MarqueeEvent } from '../../services/shared/events.ts';
import type { Sidecar } from '../../services/shared/sidecar.ts';
import { eventsAfter } from '../host/history.ts';
import { refuse } from '../host/refusal.ts';
import type { RepublishResult } from './results.ts';
import { subscriptionAggregate } from './subscription-aggregate.ts';
import { missing, snapshotOf, stateOf } from './subscription-queries.ts';

type RepublishSettings = { readonly sidecar: Sidecar; readonly publish: (events: readonly MarqueeEvent[]) => Promise<void> };

/**
 * Publishes again, under their ids, the events that requested an invoice or closed it: for a
 * service that has lost the invoice. Every other consumer knows the ids and does nothing twice.
 */
export async function republishInvoice({ sidecar, publish }: RepublishSettings, id: string, invoiceId: string): Promise<RepublishResult> {
  const snapshot = await snapshotOf(sidecar, id);
  if (!snapshot?.state) return missing(id);
  const history = await eventsAfter(stateOf(sidecar, id), subscriptionAggregate, snapshot, 0);
  const events = history.filter(({ data }) => {
    const requested = 'invoice' in data && data.invoice?.invoiceId === invoiceId;
    return requested || ('closes' in data && data.closes.some((closed) => closed.invoiceId === invoiceId));
  });
  if (events.length === 0) return refuse('invoice-not-asked', `Invoice ${invoiceId} does not belong to subscription ${id}.`);
  await publish(events);
  return { ok: true, events: events.map((event) => event.id) };
}
