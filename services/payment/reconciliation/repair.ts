import { isId, paymentIdOf, refundIdOf } from '../../shared/ids.ts';
import { type Problem, problem, unavailable } from '../../shared/problem.ts';
import type { Platform } from '../../shared/service.ts';
import { isUnsettled } from '../charging/attempt.ts';
import { settled } from '../charging/payment-transitions.ts';
import type { SettlePayment } from '../charging/settle-payment.ts';
import { gatewayOf } from '../gateways/gateways.ts';
import { outcomeEvent, type Payment, type Refund } from '../payment.ts';
import { refundEvent, refundOf } from '../refunds/refund.ts';
import type { LedgerParts } from './compare-day.ts';
import type { Difference, Repair } from './difference.ts';
import { rebuiltPayment, sequenceToPublish } from './rebuild-payment.ts';
import { invoiceFacts, requestInvoiceAgain } from './service-queries.ts';

export type RepairParts = LedgerParts & { readonly settle: SettlePayment };
/** Puts one difference right by the ways that are there anyhow; answers what stands in the way. Repeating it is safe. */
export type RepairDifference = (difference: Difference) => Promise<Problem | undefined>;

export function createRepair(parts: RepairParts): RepairDifference {
  const repairs: Readonly<Record<Repair, RepairDifference>> = {
    'record-charge': (difference) => recordCharge(parts, difference),
    'settle-payment': (difference) => settlePayment(parts, difference),
    'tell-payment': (difference) => republishPayment(parts, difference),
    'refund-charge': (difference) => refundCharge(parts, difference),
    'record-refund': (difference) => recordRefund(parts, difference),
    'refund-again': (difference) => refundAgain(parts, difference),
    'ask-again': (difference) => askAgain(parts, difference),
  };
  return async (difference) =>
    difference.repair === null
      ? problem(409, 'no-repair', 'Nothing that Marquee could do by itself would be right: somebody has to decide.')
      : repairs[difference.repair](difference);
}

const noAnswer = unavailable('gateway-silent', 'The gateway does not tell at the moment.');
const changed = problem(409, 'difference-changed', 'This is no longer as it was found: start another reconciliation.');

const paymentOf = async ({ store }: LedgerParts, { paymentId }: Difference): Promise<Payment | undefined> =>
  (await store.find([paymentId ?? ''])).get(paymentId ?? '');

/** The gateway has the money: the payment succeeds by it, made anew from its invoice where it is lost, and that is told. */
async function recordCharge(parts: RepairParts, difference: Difference): Promise<Problem | undefined> {
  const { platform, store, gateways } = parts;
  const payment = await paymentOf(parts, difference);
  const invoice = (await invoiceFacts(platform, [difference.invoiceId ?? ''])).get(difference.invoiceId ?? '');
  const base = payment ?? (invoice && rebuiltPayment(invoice, difference, platform.now()));
  if (base === undefined) return problem(409, 'invoice-unknown', 'Neither a payment nor an invoice of this charge is there.');
  if (payment?.status === 'succeeded') return tell(platform, payment);
  const reference = { reference: base.invoiceId, customerId: base.customerId };
  const gateway = difference.gateway ?? base.gateway;
  const outcome = await gatewayOf(gateways, gateway).lookUp(reference, difference.intentId, base.attemptAt);
  if (isUnsettled(outcome)) return noAnswer;
  if (outcome.kind !== 'succeeded') return problem(409, 'no-charge', 'The gateway knows of no charge for this.');
  const sequence = sequenceToPublish(base, invoice);
  const success = { ...outcome, gateway, paymentMethodId: null };
  const after = { ...settled({ ...base, sequence: sequence - 1 }, success, difference.at ?? platform.now()), cancelOwed: false };
  await tell(platform, after);
  const written = payment ? await store.replace(payment, after) : (await store.insert([after])).size === 1;
  return written ? undefined : changed;
}

/** Past a day nothing is sent any more: the gateway is only asked. One that has begun again since then is left to the janitor. */
async function settlePayment(parts: RepairParts, difference: Difference): Promise<Problem | undefined> {
  const payment = await paymentOf(parts, difference);
  if (payment?.status !== 'processing') return undefined;
  if (payment.processingSince !== difference.at) return changed;
  return (await parts.settle(payment)) === 'settled' ? undefined : noAnswer;
}

async function republishPayment(parts: RepairParts, difference: Difference): Promise<Problem | undefined> {
  const payment = await paymentOf(parts, difference);
  return payment?.status === 'succeeded' ? tell(parts.platform, payment) : changed;
}

async function tell({ publish }: Platform, payment: Payment): Promise<undefined> {
  await publish([outcomeEvent(payment)]);
}

/**
 * A lost invoice is asked for once more by its subscription; what it was told of its payment is told once more. Where there is none, it is
 * collected like any other invoice, and money that the gateway has for it is found before anybody is charged.
 */
async function askAgain(parts: RepairParts, { subscriptionId, invoiceId }: Difference): Promise<Problem | undefined> {
  const { platform, store } = parts;
  if (subscriptionId === null || invoiceId === null) return changed;
  const refused = await requestInvoiceAgain(platform, subscriptionId, invoiceId);
  if (refused !== undefined) return problem(409, 'invoice-not-asked', refused);
  const payment = (await store.find([paymentIdOf(invoiceId)])).get(paymentIdOf(invoiceId));
  return payment?.status === 'succeeded' ? tell(platform, payment) : undefined;
}

/** What a second charge still holds goes back; the payment keeps the first. */
async function refundCharge(parts: RepairParts, difference: Difference): Promise<Problem | undefined> {
  const payment = await paymentOf(parts, difference);
  const { intentId, gatewayAmount: amount, gateway } = difference;
  if (payment?.status !== 'succeeded' || intentId === null || amount === null || payment.intentId === intentId) return changed;
  const order = { reference: refundIdOf(intentId), intentId, amount };
  const outcome = await gatewayOf(parts.gateways, gateway ?? payment.gateway).refund(`${intentId}:second`, order, parts.platform.now());
  if (outcome.kind === 'refused') return problem(409, 'refund-refused', `The gateway refuses: ${outcome.code}.`);
  return isUnsettled(outcome) ? noAnswer : undefined;
}

/** Money that went back at the gateway becomes a refund of its payment, and is told. */
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

/** A refund that the gateway never made is asked for once more, under its own key. */
async function refundAgain(parts: RepairParts, difference: Difference): Promise<Problem | undefined> {
  const payment = await paymentOf(parts, difference);
  const refund = payment && refundOf(payment, difference.refundId ?? '');
  if (refund?.status !== 'succeeded' || payment?.intentId == null) return changed;
  const gateway = gatewayOf(parts.gateways, payment.gateway);
  const order = { reference: refund.id, intentId: payment.intentId, amount: refund.amount };
  const found = await gateway.lookUpRefund(order, null);
  const outcome = found.kind === 'absent' ? await gateway.refund(`${refund.id}:create`, order, refund.requestedAt) : found;
  if (outcome.kind === 'refused') return problem(409, 'refund-refused', `The gateway refuses: ${outcome.code}.`);
  return isUnsettled(outcome) ? noAnswer : undefined;
}
