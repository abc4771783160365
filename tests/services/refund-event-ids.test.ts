import test from 'ava';
import type { Gateway, RefundOutcome } from '../../services/payment/gateways/gateway.ts';
import { createSimulatedGateway } from '../../services/payment/gateways/simulated/simulated-gateway.ts';
import { newPayment } from '../../services/payment/new-payment.ts';
import { createRefundQueue } from '../../services/payment/refunds/refund-queue.ts';
import { createPaymentStore } from '../../services/payment/store.ts';
import type { MarqueeEvent } from '../../services/shared/events.ts';
import { indexesReady, startDocuments } from '../support/documents.ts';
import { invoiceFinalised, noon } from '../support/money-events.ts';
import { paymentId } from '../support/payment-service.ts';
import { testPlatform } from '../support/platform.ts';
import { until } from '../support/wait-until.ts';

test('given a refused refund whose publication had no response, when the gateway would make it now, then its event id stands for one outcome', async (t) => {
  const documents = await startDocuments(t);
  const store = createPaymentStore(documents);
  await store.insert([{ ...newPayment(invoiceFinalised(), [], noon), status: 'succeeded', sequence: 1, intentId: 'pi_1' }]);
  const responses: RefundOutcome[] = [{ kind: 'refused', refundId: null, code: 'balance_insufficient' }];
  const refund: Gateway['refund'] = async () => responses.shift() ?? { kind: 'succeeded', refundId: 're_1' };
  const gateways = new Map<string, Gateway>([['simulated', { ...createSimulatedGateway(documents), refund }]]);
  await indexesReady(documents);
  const published: MarqueeEvent[] = [];
  const publish = async (events: readonly MarqueeEvent[]): Promise<void> => {
    published.push(...events);
    if (published.length === 1) throw new Error('the response of the broker is lost');
  };
  const refundQueue = createRefundQueue(testPlatform({ documents, published, publish }), store, gateways);
  await refundQueue.start();
  t.teardown(refundQueue.stop);

  await refundQueue.record(paymentId, { id: 'ref_1', amount: 100, to: 'method', reason: 'sorry', creditNoteId: null }, noon);
  await until(async () => (await store.find([paymentId])).get(paymentId)?.refunds?.[0]?.status !== 'processing');

  t.deepEqual(
    published.map(({ id, type }) => [id, type]),
    [
      ['ref_1:1', 'refund.failed'],
      ['ref_1:1', 'refund.failed'],
    ],
  );
});
