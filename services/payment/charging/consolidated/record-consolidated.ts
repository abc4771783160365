import type { MarqueeEvent } from '../../../shared/events.ts';
import { eventId } from '../../../shared/events.ts';
import { passes } from '../../../shared/fault-points.ts';
import { paymentIdOf } from '../../../shared/ids.ts';
import type { PaymentParts } from '../../parts.ts';
import { knownMethods } from '../methods.ts';
import { republishAll } from '../republish.ts';
import { newConsolidatedPayment } from './consolidated-payment.ts';

/**
 * Records one consolidated payment for the invoices of each consolidation, then the payment of each
 * invoice, and queues one of them, which settles all. The event of any invoice records everything;
 * a repeat finds it recorded, and queues it in case no queue has it, or publishes the outcomes of
 * its own invoices again. Returns the ids of the events that publish the outcomes.
 */
export async function recordConsolidatedPayments(
  parts: PaymentParts,
  events: readonly MarqueeEvent<'invoice.finalised'>[],
): Promise<readonly string[]> {
  const { platform, store, consolidatedPayments, paymentQueue } = parts;
  if (events.length === 0) return [];
  const ofEach = [...new Map(events.map((event) => [event.data.consolidation?.id, event])).values()];
  const methodsOf = await knownMethods(
    parts,
    ofEach.map(({ data }) => data),
  );
  const recorded = ofEach.map((event) => newConsolidatedPayment(event, methodsOf(event.data), platform.now()));
  await consolidatedPayments.insert(recorded.map(({ consolidated }) => consolidated));
  const fresh = await store.insert(recorded.flatMap(({ payments }) => payments));
  passes('payment.after-record');
  const stored = await store.find(recorded.flatMap(({ payments }) => payments.map(({ _id }) => _id)));
  const open = [...stored.values()].filter(({ status, jointId }) => status === 'processing' && jointId);
  paymentQueue.add([...new Map(open.map((payment) => [payment.jointId, payment])).values()]);
  const known = events.map(({ data }) => paymentIdOf(data.id)).filter((id) => !fresh.has(id) && stored.get(id)?.sequence !== 0);
  const first = events.map(({ data }) => eventId(paymentIdOf(data.id), 1));
  return [...new Set([...first, ...(await republishAll(parts, known))])];
}
