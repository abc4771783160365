import type { Difference, DifferenceKind } from '../../shared/contracts/difference-resource.ts';
import { isId, paymentIdOf } from '../../shared/ids.ts';
import { sumOf } from '../../shared/money.ts';
import { type Instant, millisOf } from '../../shared/time.ts';
import type { GatewayCharge, LedgerRefund } from '../gateways/gateway-ledger.ts';
import { manualGateway, type Payment, type Refund } from '../payment.ts';
import type { InvoiceFacts, LedgerGateway, RequestedInvoice } from './difference.ts';

const noFields = {
  ...{ gateway: null, intentId: null, refundId: null, paymentId: null, invoiceId: null, subscriptionId: null, customerId: null },
  ...{ gatewayAmount: null, paymentAmount: null, invoiceAmount: null, at: null, repair: null },
} as const;

const difference = (kind: DifferenceKind, currency: string, known: Partial<Difference>): Difference => ({
  ...noFields,
  currency,
  ...known,
  kind,
});

const ofPayment = (payment: Payment): Partial<Difference> => ({
  ...{ paymentId: payment._id, invoiceId: payment.invoiceId, subscriptionId: payment.subscriptionId, customerId: payment.customerId },
  ...{ gateway: payment.gateway, intentId: payment.intentId, paymentAmount: payment.amount, at: payment.settledAt },
});

/** True for a successful payment by this charge. */
export const isPaidBy = ({ status, intentId }: Payment, charge: { readonly intentId: string }): boolean =>
  status === 'succeeded' && intentId === charge.intentId;

/**
 * Differences between a charge and its payments, of which a consolidation has several. `payments`
 * contains those that exist.
 */
export function chargeDifferences(
  gateway: LedgerGateway,
  charge: GatewayCharge,
  paymentIds: readonly string[],
  payments: ReadonlyMap<string, Payment>,
): readonly Difference[] {
  const { intentId, amount, refunded, currency, at } = charge;
  const here = { gateway: gateway.name, intentId, at };
  const expected = paymentIds.map((id) => payments.get(id));
  const paid = expected.filter((payment) => payment !== undefined && isPaidBy(payment, charge));
  const [second] = expected.filter((payment) => payment?.status === 'succeeded');
  if (paid.length === 0 && second !== undefined) {
    const held = amount - refunded;
    const twice = { ...ofPayment(second), ...here, gatewayAmount: held, repair: 'refund-charge' } as const;
    return held === 0 ? [] : [difference('charged-twice', currency, twice)];
  }
  const unpaid = paymentIds.filter((id) => payments.get(id)?.status !== 'succeeded');
  if (unpaid.length > 0)
    return unpaid.map((paymentId) => {
      const payment = payments.get(paymentId);
      const known = payment ? ofPayment(payment) : { paymentId, invoiceId: invoiceOf(paymentId), customerId: charge.customerId };
      return difference('charge-without-payment', currency, { ...known, ...here, gatewayAmount: amount, repair: 'record-charge' });
    });
  const recorded = sumOf(paid.map((payment) => (payment as Payment).amount));
  if (gateway.counted({ amount: recorded, currency }) === amount) return [];
  const differs = { ...ofPayment(paid[0] as Payment), ...here, gatewayAmount: amount, paymentAmount: recorded };
  return [difference('amount-differs', currency, differs)];
}

const invoiceOf = (paymentId: string): string => paymentId.slice(paymentIdOf('').length);

/**
 * Differences between a refund at the gateway and the payments of its charge. A charge without a
 * payment is not ours.
 */
export function refundDifferences(gateway: LedgerGateway, refund: LedgerRefund, payments: readonly Payment[]): readonly Difference[] {
  const paid = payments.filter((payment) => isPaidBy(payment, refund));
  const [first] = paid;
  if (first === undefined) return [];
  const { refundId, reference, amount, currency, at } = refund;
  const found = recordOf(refund, paid);
  const ours = reference !== null && isId('ref', reference) ? reference : refundId;
  const known = { ...ofPayment(first), refundId: ours, gatewayAmount: amount, paymentAmount: found?.amount ?? null, at };
  if (found === undefined)
    return [difference('refund-without-record', currency, { ...known, repair: paid.length === 1 ? 'record-refund' : null })];
  if (found.status === 'failed') return [difference('refund-without-record', currency, known)];
  return gateway.counted({ amount: found.amount, currency }) === amount ? [] : [difference('amount-differs', currency, known)];
}

/** Our refund for a refund at the gateway. */
export const recordOf = ({ refundId, reference }: LedgerRefund, payments: readonly Payment[]): Refund | undefined =>
  payments.flatMap(({ refunds = [] }) => refunds).find((record) => record.id === reference || record.gatewayRefundId === refundId);

/** Differences between a settled refund of ours and its status at the gateway. */
export const recordedRefundDifferences = (payment: Payment, refund: Refund, atGateway: string): readonly Difference[] => {
  if (atGateway === 'succeeded' || atGateway === 'pending') return [];
  const known = { ...ofPayment(payment), refundId: refund.id, paymentAmount: refund.amount, at: refund.settledAt };
  return [difference('refund-without-money', payment.currency, { ...known, repair: 'refund-again' })];
};

/**
 * Differences between a successful payment and its intent at the gateway, its invoice, and its
 * subscription.
 */
export function paymentDifferences(
  payment: Payment,
  atGateway: string,
  invoice: InvoiceFacts | undefined,
  isAwaited: boolean,
): readonly Difference[] {
  const { currency, amount } = payment;
  const known = ofPayment(payment);
  const invoiceAmount = invoice?.paidByGateway ?? null;
  const missesMoney = payment.gateway !== manualGateway && atGateway !== 'succeeded';
  const isOpen = payment.gateway !== manualGateway && invoice !== undefined && invoice.paidByGateway < amount;
  const details = { ...known, gatewayAmount: missesMoney ? null : amount, invoiceAmount };
  return [
    ...(missesMoney ? [difference('payment-without-charge', currency, { ...known, invoiceAmount })] : []),
    ...(invoice === undefined ? [missing(currency, details)] : []),
    ...(isOpen ? [difference('invoice-open-though-paid', currency, { ...details, repair: 'tell-payment' as const })] : []),
    ...(isAwaited ? [difference('subscription-unaware', currency, { ...details, repair: 'tell-payment' as const })] : []),
  ];
}

/** Differences between an invoice that counts money from a gateway and its payment. */
export function invoiceDifferences(invoice: InvoiceFacts, payment: Payment | undefined): readonly Difference[] {
  const { id, subscriptionId, customerId, currency, paidByGateway: invoiceAmount } = invoice;
  if (invoiceAmount <= 0 || (payment?.status === 'succeeded' && payment.amount >= invoiceAmount)) return [];
  const ours = { paymentId: paymentIdOf(id), invoiceId: id, subscriptionId, customerId };
  const known = { ...(payment ? ofPayment(payment) : ours), invoiceAmount };
  if (payment?.status === 'succeeded') return [difference('amount-differs', currency, known)];
  return [difference('invoice-paid-without-payment', currency, { ...known, repair: 'record-charge' })];
}

const dayMillis = 86_400_000;
/** Time within which a bank may still respond about a debit. */
const debitMillis = 14 * dayMillis;

/** The difference of a payment that has had no outcome for too long. `now` is system time. */
export function stuckDifferences(payment: Payment, now: Instant): readonly Difference[] {
  const waited = millisOf(now) - millisOf(payment.processingSince);
  if (payment.status !== 'processing' || waited <= (payment.step === 'pending' ? debitMillis : dayMillis)) return [];
  return [difference('payment-stuck', payment.currency, { ...ofPayment(payment), at: payment.processingSince, repair: 'settle-payment' })];
}

/** The difference of an invoice that was requested and does not exist. */
export const missingDifference = ({ currency, ...requested }: RequestedInvoice): Difference => missing(currency, requested);

/** A subscription can request its invoice again; a gift cannot. */
const missing = (currency: string, known: Partial<Difference>): Difference =>
  difference('invoice-missing', currency, { ...known, repair: isId('sub', known.subscriptionId ?? '') ? 'ask-again' : null });
