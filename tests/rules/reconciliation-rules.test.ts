import test from 'ava';
import type { GatewayCharge } from '../../services/payment/gateways/gateway-ledger.ts';
import { amountOfStripe, asStripeCounts, stripeAmount } from '../../services/payment/gateways/stripe/amount.ts';
import { newPayment } from '../../services/payment/new-payment.ts';
import type { Payment } from '../../services/payment/payment.ts';
import { chargeDifferences } from '../../services/payment/reconciliation/find-differences.ts';
import { renumbered } from '../../services/payment/reconciliation/rebuild-payment.ts';
import { invoiceFinalised, noon } from '../support/money-events.ts';

const exact = { name: 'simulated', counted: ({ amount }: { amount: number }) => amount };
const charge: GatewayCharge = {
  ...{ intentId: 'pi_1', reference: 'con_1', customerId: 'cus_1', amount: 1500, refunded: 0, currency: 'EUR', at: noon },
};
const paidBy = (id: string, amount: number, changes: Partial<Payment> = {}): Payment => ({
  ...newPayment(invoiceFinalised({ id, amountDue: amount }), [], noon),
  ...{ status: 'succeeded', intentId: 'pi_1', ...changes },
});
const found = (...payments: readonly Payment[]) =>
  chargeDifferences(exact, charge, ['pay_inv_1', 'pay_inv_2'], new Map(payments.map((payment) => [payment._id, payment]))).map(
    ({ kind, paymentId, gatewayAmount, paymentAmount }) => [kind, paymentId, gatewayAmount, paymentAmount],
  );

test('a charge for several invoices agrees with the sum of their payments', (t) => {
  t.deepEqual(found(paidBy('inv_1', 1000), paidBy('inv_2', 500)), []);
});

test('of a charge for several invoices, each payment without the charge is named', (t) => {
  t.deepEqual(found(paidBy('inv_1', 1000), paidBy('inv_2', 500, { status: 'declined' })), [
    ['charge-without-payment', 'pay_inv_2', 1500, 500],
  ]);
  t.deepEqual(found(paidBy('inv_1', 1000)), [['charge-without-payment', 'pay_inv_2', 1500, null]]);
});

test('payments with another sum than their charge differ', (t) => {
  t.deepEqual(found(paidBy('inv_1', 1000), paidBy('inv_2', 400)), [['amount-differs', 'pay_inv_1', 1500, 1400]]);
});

test('an amount converted to Stripe and back is the same, except for the digits that Stripe rounds', (t) => {
  for (const money of [
    { amount: 1099, currency: 'EUR' },
    { amount: 1099, currency: 'JPY' },
    { amount: 7, currency: 'ISK' },
    { amount: 12_340, currency: 'KWD' },
  ])
    t.is(amountOfStripe({ ...money, amount: stripeAmount(money) }), money.amount, money.currency);
  t.is(asStripeCounts({ amount: 12_345, currency: 'KWD' }), 12_350);
});

/**
 * The number under which a success with sequence 2 is published to an invoice that knows these
 * outcomes.
 */
const numberFor = (...received: readonly (readonly [sequence: number, outcome: string])[]): number => {
  const payment = paidBy('inv_1', 1000, { sequence: 2 });
  const { invoiceId: id, customerId, subscriptionId, currency, testClock } = payment;
  const facts = { id, status: 'open', customerId, subscriptionId, currency, amountDue: 1000, paidByGateway: 0, issuedAt: noon, testClock };
  return renumbered(payment, { ...facts, told: received.map(([sequence, outcome]) => ({ sequence, outcome })) }).sequence;
};

test('a success is published again under its own number, or the next one where its invoice knows that number for another outcome', (t) => {
  t.is(numberFor([1, 'declined']), 2);
  t.is(numberFor([1, 'declined'], [2, 'succeeded']), 2);
  t.is(numberFor([1, 'declined'], [2, 'action-required']), 3);
  t.is(numberFor([2, 'action-required'], [4, 'declined']), 5);
  t.is(numberFor([2, 'action-required'], [3, 'succeeded']), 3);
});
