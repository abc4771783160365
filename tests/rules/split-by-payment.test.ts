import test from 'ava';
import fc from 'fast-check';
import { newPayment } from '../../services/payment/new-payment.ts';
import type { Payment } from '../../services/payment/payment.ts';
import { refundable, refundsOf, withDocumentRefund } from '../../services/payment/refunds/refund.ts';
import { splitByPayment } from '../../services/payment/split-by-payment.ts';
import { sumOf } from '../../services/shared/money.ts';
import { invoiceFinalised, noon } from '../support/money-events.ts';

const paid = (id: string, amount: number): Payment => ({
  ...newPayment(invoiceFinalised(), [], noon),
  ...{ _id: id, amount, status: 'succeeded' },
});

/** The payments after a document's refund was recorded on them. */
function refunded(payments: readonly Payment[], amount: number): readonly Payment[] {
  const parts = splitByPayment(payments, { id: 'ref_cn_1', amount }, refundable, refundsOf);
  return payments.map((payment) => {
    const part = parts.find((each) => each.payment === payment);
    const requested = part && ({ id: part.id, amount: part.amount, to: 'method', reason: 'sorry', creditNoteId: 'cn_1' } as const);
    return requested ? withDocumentRefund(payment, requested, noon, noon) : payment;
  });
}

const amountOf = (payments: readonly Payment[]): number => sumOf(payments.flatMap(refundsOf).map(({ amount }) => amount));

test('given a refund that was recorded on one payment, when another payment of the invoice is known first, then nothing more is refunded', (t) => {
  const [manual] = refunded([paid('pay_manual', 40)], 30);

  const again = refunded([paid('pay_inv_sub_1_1', 60), manual as Payment], 30);

  t.is(amountOf(again), 30);
  t.deepEqual(
    again.flatMap(refundsOf).map(({ id }) => id),
    ['ref_cn_1'],
  );
});

test('law: a refund that is delivered again after other payments were settled returns what was promised, once', (t) => {
  const amounts = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(amounts, amounts, fc.nat({ max: 4 }), fc.integer({ min: 1, max: 99 }), (first, joined, place, percent) => {
      const known = first.map((amount, index) => paid(`pay_${index}`, amount));
      const promised = Math.max(1, Math.floor((sumOf(first) * percent) / 100));
      const once = refunded(known, promised);
      const later = joined.map((amount, index) => paid(`pay_joined_${index}`, amount));
      const twice = refunded([...once.slice(0, place), ...later, ...once.slice(place)], promised);
      const ids = twice.flatMap(refundsOf).map(({ id }) => id);
      return amountOf(once) === promised && amountOf(twice) === promised && new Set(ids).size === ids.length;
    }),
  );
  t.pass();
});
