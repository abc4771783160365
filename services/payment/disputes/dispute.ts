import type { DisputeResource, DisputeStatus } from '../../shared/contracts/dispute-resource.ts';
import { type MarqueeEvent, newEvent } from '../../shared/events.ts';
import type { Instant } from '../../shared/time.ts';
import type { GatewayDispute } from '../gateways/gateway.ts';
import type { Dispute, Payment } from '../payment.ts';

/**
 * The sequence of each event of a dispute. It is fixed, so that a status that was never seen leaves
 * a gap, and the later one counts: an appeal may win a lost dispute.
 */
const sequences = { opened: 1, lost: 2, won: 3 } as const;
type DisputeEventName = keyof typeof sequences;

const withdrawnStatuses: ReadonlySet<DisputeStatus> = new Set(['needs-response', 'under-review', 'lost']);
const finalStatuses: ReadonlySet<DisputeStatus> = new Set(['won', 'lost', 'closed']);

/**
 * The status of a dispute after a sync. A won dispute stays won; only a won appeal changes a lost
 * one.
 */
const nextStatus = (known: DisputeStatus, found: DisputeStatus): DisputeStatus =>
  known === 'won' || (known === 'lost' && found !== 'won') ? known : found;

/** The payment after a sync of one of its disputes; the same sync again changes nothing. */
export function withDispute(
  payment: Payment,
  { id, amount, found }: { readonly id: string; readonly amount: number; readonly found: GatewayDispute },
  openedAt: Instant,
  now: Instant,
): Payment {
  const { disputes = [] } = payment;
  const known = disputeOf(payment, id);
  const status = nextStatus(known?.status ?? found.status, found.status);
  const { fee, evidenceDueBy } = found;
  if (known?.status === status && known.fee?.amount === fee?.amount && known.evidenceDueBy === evidenceDueBy) return payment;
  const settledAt = !finalStatuses.has(status) ? null : known?.status === status ? known.settledAt : now;
  const opened = { id, gatewayDisputeId: found.disputeId, amount, reason: found.reason, openedAt, told: 0 };
  const dispute: Dispute = { ...(known ?? opened), status, fee, evidenceDueBy, settledAt };
  return { ...payment, disputes: known ? disputes.map((each) => (each === known ? dispute : each)) : [...disputes, dispute] };
}

export const disputeOf = ({ disputes = [] }: Payment, id: string): Dispute | undefined => disputes.find((dispute) => dispute.id === id);

/** Minor units that banks have withdrawn, pending or permanently. */
export const amountDisputed = ({ disputes = [] }: Pick<Payment, 'disputes'>): number =>
  disputes.reduce((sum, { status, amount }) => (withdrawnStatuses.has(status) ? sum + amount : sum), 0);

export const disputeResource = (payment: Payment, dispute: Dispute): DisputeResource => ({
  id: dispute.id,
  paymentId: payment._id,
  invoiceId: payment.invoiceId,
  subscriptionId: payment.subscriptionId,
  customerId: payment.customerId,
  amount: dispute.amount,
  currency: payment.currency,
  reason: dispute.reason,
  status: dispute.status,
  fee: dispute.fee,
  evidenceDueBy: dispute.evidenceDueBy,
  gateway: payment.gateway,
  gatewayDisputeId: dispute.gatewayDisputeId,
  createdAt: dispute.openedAt,
  settledAt: dispute.settledAt,
  testClock: payment.testClock,
});

/** All events of a dispute so far, in order. An inquiry moves no money, so it has no event. */
export function disputeEvents(payment: Payment, dispute: Dispute): readonly MarqueeEvent<'dispute.*'>[] {
  const { status } = dispute;
  const names: DisputeEventName[] = status === 'inquiry' || status === 'closed' ? [] : ['opened'];
  if (status === 'lost' || status === 'won') names.push(status);
  return names.map((name) => disputeEvent(payment, dispute, name));
}

/** The events of a dispute that are not known to be published. */
export const unpublishedDisputeEvents = (payment: Payment, dispute: Dispute): readonly MarqueeEvent<'dispute.*'>[] =>
  disputeEvents(payment, dispute).filter(({ sequence }) => sequence > dispute.told);

function disputeEvent(payment: Payment, dispute: Dispute, name: DisputeEventName): MarqueeEvent<'dispute.*'> {
  const resource = disputeResource(payment, dispute);
  return newEvent({
    type: `dispute.${name}` as const,
    subject: dispute.id,
    sequence: sequences[name],
    time: name === 'opened' ? dispute.openedAt : (dispute.settledAt as Instant),
    customerId: payment.customerId,
    testClock: payment.testClock,
    data: name === 'opened' ? { ...resource, status: 'needs-response', settledAt: null } : resource,
  });
}

/** The payment that records up to which sequence the events of a dispute are published. */
export const withPublishedDispute = (payment: Payment, id: string, sequence: number): Payment => {
  const known = disputeOf(payment, id);
  if (known === undefined || known.told >= sequence || payment.disputes === undefined) return payment;
  return { ...payment, disputes: payment.disputes.map((each) => (each === known ? { ...each, told: sequence } : each)) };
};
