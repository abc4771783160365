import type { Difference, Repair } from '../../shared/contracts/difference-resource.ts';
import { isId, paymentIdOf, refundIdOf } from '../../shared/ids.ts';
import { type Problem, problem, unavailable } from '../../shared/problem.ts';
import type { Platform } from '../../shared/service.ts';
import { isUnsettled } from '../charging/attempt-outcome.ts';
import { decidedOn } from '../charging/payment-transitions.ts';
import type { SettlePayment } from '../charging/settle-payment.ts';
import { gatewayOf } from '../gateways/gateways.ts';
import { outcomeEvent } from '../outcome-event.ts';
import type { Payment, Refund } from '../payment.ts';
import { refundEvent, refundOf } from '../refunds/refund.ts';
import type { LedgerParts } from './compare-day.ts';
import { rebuiltPayment, renumbered, sequenceToPublish } from './rebuild-payment.ts';
import { invoiceFacts, requestInvoiceAgain } from './service-queries.ts';

export type RepairParts = LedgerParts & { readonly settle: SettlePayment };

/**
 * Repairs one difference with the functions of normal work. Returns the reason of a refusal. A
 * repeat is safe.
 */
export type RepairDifference = (difference: Difference) => Promise<Problem | undefined>;

export function createRepair(parts: RepairParts): RepairDifference {
  const repairs: Readonly<Record<Repair, RepairDifference>> = {
    'record-charge': (difference) => recordCharge(parts, difference),
    'settle-payment': (difference) => settlePayment(parts, difference),
    'tell-payment': (difference) => republishPayment(parts, difference),
    'refund-charge': (difference) => refundCharge(parts, difference),
    'record-refund': (difference) => recordRefund(parts, difference),
    'refund-again': (difference) => repeatRefund(parts, difference),
    'ask-again': (difference) => restoreInvoice(parts, difference),
  };
  return async (difference) =>
    difference.repair === null
      ? problem(409, 'no-repair', 'This difference cannot be repaired automatically and must be resolved manually.')
      : repairs[difference.repair](difference);
}

const gatewayUnavailable = unavailable('gateway-silent', 'The payment gateway is temporarily unavailable.');
const changed = problem(
  409,
  'difference-changed',
  'The difference is no longer as the reconciliation found it. Run another reconciliation.',
);

const paymentOf = async ({ store }: LedgerParts, { paymentId }: Difference): Promise<Payment | undefined> =>
  (await store.find([paymentId ?? ''])).get(paymentId ?? '');

/**
 * Records a charge of the gateway: the payment, rebuilt from its invoice if it is lost, succeeds
 * and is published.
 */
async function recordCharge(parts: RepairParts, difference: Difference): Promise<Problem | undefined> {
  const { platform, store, gateways } = parts;
  const payment = await paymentOf(parts, difference);
  const invoice = (await invoiceFacts(platform, [difference.invoiceId ?? ''])).get(difference.invoiceId ?? '');
  const base = payment ?? (invoice && rebuiltPayment(invoice, difference, platform.now()));
  if (base === undefined) return problem(409, 'invoice-unknown', 'The charge has neither a payment nor an invoice.');
  if (payment?.status === 'succeeded') return publishOutcome(platform, payment);
  const reference = { reference: base.invoiceId, customerId: base.customerId };
  const gateway = difference.gateway ?? base.gateway;
  const outcome = await gatewayOf(gateways, gateway).lookUp(reference, difference.intentId, base.attemptAt);
  if (isUnsettled(outcome)) return gatewayUnavailable;
  if (outcome.kind !== 'succeeded') return problem(409, 'no-charge', 'The gateway has no successful charge for this payment.');
  const numbered = { ...base, sequence: sequenceToPublish(base, invoice) - 1 };
  const success = { ...outcome, gateway, paymentMethodId: null };
  const decided = decidedOn(numbered, { outcome: success, at: difference.at ?? platform.now() }, platform.now());
  const isWritten = payment ? await store.replace(payment, decided) : (await store.insert([decided])).size === 1;
  if (isWritten) await parts.settle(decided);
  return isWritten ? undefined : changed;
}

/**
 * Settles a payment by a look-up, since nothing is sent after a day. One that has a new attempt is
 * left to the payment queue.
 */
async function settlePayment(parts: RepairParts, difference: Difference): Promise<Problem | undefined> {
  const payment = await paymentOf(parts, difference);
  if (payment?.status !== 'processing') return undefined;
  if (payment.processingSince !== difference.at) return changed;
  return (await parts.settle(payment)) === 'settled' ? undefined : gatewayUnavailable;
}

/**
 * Publishes a success again, under another number where the invoice knows its number for another
 * outcome. The invoice counts the success of a payment once, whatever its number is.
 */
async function republishPayment(parts: RepairParts, difference: Difference): Promise<Problem | undefined> {
  const { platform, store } = parts;
  const payment = await paymentOf(parts, difference);
  if (payment?.status !== 'succeeded') return changed;
  const invoice = (await invoiceFacts(platform, [payment.invoiceId])).get(payment.invoiceId);
  const numbered = renumbered(payment, invoice);
  await publishOutcome(platform, numbered);
  if (numbered !== payment && !(await store.renumber(payment, numbered.sequence))) return changed;
  return undefined;
}

async function publishOutcome({ publish }: Platform, payment: Payment): Promise<undefined> {
  await publish([outcomeEvent(payment)]);
}

/**
 * Lets the subscription request a lost invoice again, and republishes the outcome of its payment.
 * Without a payment the invoice is collected like any other, and an earlier charge at the gateway
 * is looked up first.
 */
async function restoreInvoice(parts: RepairParts, { subscriptionId, invoiceId }: Difference): Promise<Problem | undefined> {
  const { platform, store } = parts;
  if (subscriptionId === null || invoiceId === null) return changed;
  const refusal = await requestInvoiceAgain(platform, subscriptionId, invoiceId);
  if (refusal !== undefined) return problem(409, 'invoice-not-asked', refusal);
  const payment = (await store.find([paymentIdOf(invoiceId)])).get(paymentIdOf(invoiceId));
  return payment?.status === 'succeeded' ? publishOutcome(platform, payment) : undefined;
}

/** Refunds the rest of a second charge; the payment keeps the first. */
async function refundCharge(parts: RepairParts, difference: Difference): Promise<Problem | undefined> {
  const payment = await paymentOf(parts, difference);
  const { intentId, gatewayAmount: amount, gateway } = difference;
  if (payment?.status !== 'succeeded' || intentId === null || amount === null || payment.intentId === intentId) return changed;
  const order = { reference: refundIdOf(intentId), intentId, amount };
  const outcome = await gatewayOf(parts.gateways, gateway ?? payment.gateway).refund(`${intentId}:second`, order, parts.platform.now());
  if (outcome.kind === 'refused') return problem(409, 'refund-refused', `The gateway refuses the refund with the code ${outcome.code}.`);
  return isUnsettled(outcome) ? gatewayUnavailable : undefined;
}

/** Records a refund of the gateway in its payment, and publishes it. */
async function recordRefund(parts: RepairParts, { refundId, gatewayAmount: amount, at, ...difference }: Difference) {
  const { platform, store } = parts;
  const payment = await paymentOf(parts, { ...difference, refundId, gatewayAmount: amount, at });
  if (payment?.status !== 'succeeded' || refundId === null || amount === null) return changed;
  const id = isId('ref', refundId) ? refundId : refundIdOf(refundId);
  const when = at ?? platform.now();
  const refund: Refund = {
    ...{ id, amount, to: 'method', reason: 'made at the gateway', creditNoteId: null, status: 'succeeded' },
    ...{ gatewayRefundId: id === refundId ? null : refundId, failureCode: null },
    ...{ requestedAt: when, processingSince: platform.now(), looks: 0, settledAt: when },
  };
  await platform.publish([refundEvent(payment, refund)]);
  await store.changeRefunds(payment._id, (stored) =>
    refundOf(stored, id) ? stored : { ...stored, refunds: [...(stored.refunds ?? []), refund], refundsOwed: stored.refundsOwed ?? false },
  );
  return undefined;
}

/** Requests a refund that the gateway never made once more, with its own key. */
async function repeatRefund(parts: RepairParts, difference: Difference): Promise<Problem | undefined> {
  const payment = await paymentOf(parts, difference);
  const refund = payment && refundOf(payment, difference.refundId ?? '');
  if (refund?.status !== 'succeeded' || payment?.intentId == null) return changed;
  const gateway = gatewayOf(parts.gateways, payment.gateway);
  const order = { reference: refund.id, intentId: payment.intentId, amount: refund.amount };
  const found = await gateway.lookUpRefund(order, null);
  const outcome = found.kind === 'absent' ? await gateway.refund(`${refund.id}:create`, order, refund.requestedAt) : found;
  if (outcome.kind === 'refused') return problem(409, 'refund-refused', `The gateway refuses the refund with the code ${outcome.code}.`);
  return isUnsettled(outcome) ? gatewayUnavailable : undefined;
}
