import type { DisputeResource, DisputeStatus } from '../../shared/contracts/dispute-resource.ts';
import { type MarqueeEvent, newEvent } from '../../shared/events.ts';
import type { Instant } from '../../shared/time.ts';
import type { GatewayDispute } from '../gateways/gateway.ts';
import type { Dispute, Payment } from '../payment.ts';

/** Each outcome has a place of its own, so that one that was never seen is left out, and the later one counts: an appeal may win a loss. */
const sequences = { opened: 1, lost: 2, won: 3 } as const;
type Telling = keyof typeof sequences;

const away: ReadonlySet<DisputeStatus> = new Set(['needs-response', 'under-review', 'lost']);
const over: ReadonlySet<DisputeStatus> = new Set(['won', 'lost', 'closed']);

/** Where a dispute stands after a look: what is won stays won, and of a loss only a won appeal makes something else. */
const nextStatus = (known: DisputeStatus, found: DisputeStatus): DisputeStatus =>
  known === 'won' || (known === 'lost' && found !== 'won') ? known : found;

/** The payment after a look at one of its disputes at the gateway; the same look again changes nothing. */
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
  const settledAt = !over.has(status) ? null : known?.status === status ? known.settledAt : now;
  const first = { id, gatewayDisputeId: found.disputeId, amount, reason: found.reason, openedAt, told: 0 };
  const dispute: Dispute = { ...(known ?? first), status, fee, evidenceDueBy, settledAt };
  return { ...payment, disputes: known ? disputes.map((each) => (each === known ? dispute : each)) : [...disputes, dispute] };
}

export const disputeOf = ({ disputes = [] }: Payment, id: string): Dispute | undefined => disputes.find((dispute) => dispute.id === id);

/** Minor units that the bank has taken back, for now or for good. */
export const amountDisputed = ({ disputes = [] }: Pick<Payment, 'disputes'>): number =>
  disputes.reduce((sum, { status, amount }) => (away.has(status) ? sum + amount : sum), 0);

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

/** All events of a dispute so far, in order. An inquiry moves no money, so nothing is told of it. */
export function disputeEvents(payment: Payment, dispute: Dispute): readonly MarqueeEvent<DisputeResource>[] {
  const { status } = dispute;
  const happened: Telling[] = status === 'inquiry' || status === 'closed' ? [] : ['opened'];
  if (status === 'lost' || status === 'won') happened.push(status);
  return happened.map((telling) => disputeEvent(payment, dispute, telling));
}

/** Those that are not known to be out. */
export const untoldDisputeEvents = (payment: Payment, dispute: Dispute): readonly MarqueeEvent<DisputeResource>[] =>
  disputeEvents(payment, dispute).filter(({ sequence }) => sequence > dispute.told);

function disputeEvent(payment: Payment, dispute: Dispute, telling: Telling): MarqueeEvent<DisputeResource> {
  const resource = disputeResource(payment, dispute);
  return newEvent({
    type: `dispute.${telling}`,
    subject: dispute.id,
    sequence: sequences[telling],
    time: telling === 'opened' ? dispute.openedAt : (dispute.settledAt as Instant),
    customerId: payment.customerId,
    testClock: payment.testClock,
    data: telling === 'opened' ? { ...resource, status: 'needs-response', settledAt: null } : resource,
  });
}

/** Remembers which event of a dispute is out. */
export const withToldDispute = (payment: Payment, id: string, told: number): Payment => {
  const known = disputeOf(payment, id);
  if (known === undefined || known.told >= told || payment.disputes === undefined) return payment;
  return { ...payment, disputes: payment.disputes.map((each) => (each === known ? { ...each, told } : each)) };
};
