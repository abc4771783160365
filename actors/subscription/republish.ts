import type { MarqueeEvent } from '../../services/shared/events.ts';
import { reject } from '../../services/shared/result.ts';
import type { Sidecar } from '../../services/shared/sidecar.ts';
import type { ActorResponse } from '../host/actor-type.ts';
import { eventsAfter } from '../host/history.ts';
import { subscriptionAggregate } from './subscription-aggregate.ts';
import { missing, snapshotOf, stateOf } from './subscription-queries.ts';

type Telling = { readonly sidecar: Sidecar; readonly publish: (events: readonly MarqueeEvent[]) => Promise<void> };
type AboutInvoice = {
  readonly invoice?: { readonly invoiceId: string } | null;
  readonly closes?: readonly { readonly invoiceId: string }[];
};

/**
 * Publishes again, under the ids they have, the events that asked for an invoice or closed it: for whoever has lost it. Nobody who knows them
 * does anything twice.
 */
export async function tellAgain({ sidecar, publish }: Telling, id: string, invoiceId: string): Promise<ActorResponse> {
  const snapshot = await snapshotOf(sidecar, id);
  if (!snapshot?.state) return missing(id);
  const history = await eventsAfter(stateOf(sidecar, id), subscriptionAggregate, snapshot, 0);
  const about = history.filter(({ data }) => {
    const { invoice, closes = [] } = data as AboutInvoice;
    return invoice?.invoiceId === invoiceId || closes.some((closed) => closed.invoiceId === invoiceId);
  });
  if (about.length === 0) return reject('invoice-not-asked', `The subscription ${id} never asked for ${invoiceId}.`);
  await publish(about);
  return { ok: true, events: about.map((event) => event.id) };
}
