import type { InvoiceResource } from '../../../shared/contracts/invoice-resource.ts';
import type { MarqueeEvent } from '../../../shared/events.ts';
import { eventId } from '../../../shared/events.ts';
import { passes } from '../../../shared/fault-points.ts';
import { paymentIdOf } from '../../../shared/ids.ts';
import type { PaymentParts } from '../../parts.ts';
import { knownMethods } from '../methods.ts';
import { newJointPayment } from './consolidated-payment.ts';

export { isJoint } from './consolidated-payment.ts';

/**
 * Records one joint payment for the invoices of a consolidation, then the payment of each, and lets one of them bring all to their end. The event
 * of any invoice records all; a repeat finds them, and takes up what nobody may be working on.
 */
export async function recordJointPayments(
  parts: PaymentParts,
  events: readonly MarqueeEvent<InvoiceResource>[],
): Promise<readonly string[]> {
  const { platform, store, joints, cashier } = parts;
  if (events.length === 0) return [];
  const first = [...new Map(events.map((event) => [event.data.consolidation?.id, event])).values()];
  const methodsOf = await knownMethods(
    parts,
    first.map(({ data }) => data),
  );
  const made = first.map((event) => newJointPayment(event, methodsOf(event.data), platform.now()));
  await joints.insert(made.map(({ joint }) => joint));
  await store.insert(made.flatMap(({ payments }) => payments));
  passes('payment.after-record');
  const stored = await store.find(made.flatMap(({ payments }) => payments.map(({ _id }) => _id)));
  const open = [...stored.values()].filter(({ status, jointId }) => status === 'processing' && jointId);
  cashier.take([...new Map(open.map((payment) => [payment.jointId, payment])).values()]);
  return events.map(({ data }) => eventId(paymentIdOf(data.id), 1));
}
