import test from 'ava';
import fc from 'fast-check';
import { disputeOf, unpublishedDisputeEvents, withDispute, withPublishedDispute } from '../../services/payment/disputes/dispute.ts';
import type { GatewayDispute } from '../../services/payment/gateways/gateway.ts';
import { newPayment } from '../../services/payment/new-payment.ts';
import type { Payment } from '../../services/payment/payment.ts';
import { disputedUnrefunded, refundable, withRefund, withRefundOutcome } from '../../services/payment/refunds/refund.ts';
import type { DisputeStatus } from '../../services/shared/contracts/dispute-resource.ts';
import { lawRuns } from '../support/law-runs.ts';
import { invoiceFinalised, noon } from '../support/money-events.ts';

const paid: Payment = { ...newPayment(invoiceFinalised(), [], noon), status: 'succeeded' };

const found = (amount: number, status: DisputeStatus): GatewayDispute => ({
  ...{ disputeId: 'dp_1', amount, reason: 'fraudulent', status, fee: null, evidenceDueBy: null, at: noon },
});
const sync = (payment: Payment, amount: number, status: DisputeStatus, id = 'dsp_1') =>
  withDispute(payment, { id, amount, found: found(amount, status) }, noon, noon);

const status = fc.constantFrom<DisputeStatus>('inquiry', 'needs-response', 'under-review', 'won', 'lost', 'closed');
const step = fc.oneof(
  fc.record({ kind: fc.constant('refund' as const), amount: fc.integer({ min: 1, max: 1_000 }), fails: fc.boolean() }),
  fc.record({ kind: fc.constant('look' as const), dispute: fc.constantFrom('dsp_1', 'dsp_2'), status }),
);
const disputedAmounts: Readonly<Record<string, number>> = { dsp_1: 700, dsp_2: 1_500 };

const backOf = ({ refunds = [] }: Payment): number =>
  refunds.reduce((sum, refund) => (refund.status === 'failed' ? sum : sum + refund.amount), 0);

test('law: the refunded and the disputed amounts together never exceed the payment, and the rest is refundable', (t) => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const end = steps.reduce<Payment>((payment, each, index) => {
        if (each.kind === 'look') return sync(payment, disputedAmounts[each.dispute] ?? 0, each.status, each.dispute);
        const asked = { id: `ref_${index}`, amount: each.amount, to: 'method', reason: 'sorry', creditNoteId: null } as const;
        const result = withRefund(payment, asked, noon, noon);
        if (!result.ok) return payment;
        const outcome = each.fails
          ? ({ kind: 'refused', refundId: null, code: 'no' } as const)
          : ({ kind: 'succeeded', refundId: 're' } as const);
        return withRefundOutcome(result.value, `ref_${index}`, outcome, noon);
      }, paid);
      const [back, disputed] = [backOf(end), disputedUnrefunded(end)];
      return disputed >= 0 && back + disputed <= paid.amount && refundable(end) === paid.amount - back - disputed;
    }),
    { numRuns: lawRuns(500) },
  );
  t.pass();
});

test('law: however often and in whatever order a dispute is read, each outcome is published once, a win is the last, and a repeated sync changes nothing', (t) => {
  fc.assert(
    fc.property(fc.array(status, { minLength: 1, maxLength: 10 }), (seen) => {
      const publishedTypes: string[] = [];
      const end = seen.reduce<Payment>((payment, each) => {
        const after = sync(payment, 700, each);
        if (sync(after, 700, each) !== after) throw new Error('the same look again changed something');
        const dispute = disputeOf(after, 'dsp_1');
        const events = dispute ? unpublishedDisputeEvents(after, dispute) : [];
        publishedTypes.push(...events.map(({ type }) => type));
        return withPublishedDispute(after, 'dsp_1', events.at(-1)?.sequence ?? 0);
      }, paid);
      const isWon = seen.includes('won');
      const ended = disputeOf(end, 'dsp_1')?.status;
      return (
        new Set(publishedTypes).size === publishedTypes.length &&
        (publishedTypes.length === 0 || publishedTypes[0] === 'dispute.opened') &&
        (!isWon || (ended === 'won' && publishedTypes.at(-1) === 'dispute.won')) &&
        (!seen.includes('lost') || isWon || ended === 'lost')
      );
    }),
    { numRuns: lawRuns(500) },
  );
  t.pass();
});

test('a dispute that was lost and won before the first sync is published as opened and won', (t) => {
  const after = sync(paid, 700, 'won');
  const dispute = disputeOf(after, 'dsp_1');
  t.deepEqual(
    (dispute ? unpublishedDisputeEvents(after, dispute) : []).map(({ id, data }) => `${id} ${data.status}`),
    ['dsp_1:1 needs-response', 'dsp_1:3 won'],
  );
});
