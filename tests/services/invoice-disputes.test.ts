import test, { type ExecutionContext } from 'ava';
import { createInvoicingService } from '../../services/invoicing/index.ts';
import type { RefundResource } from '../../services/shared/contracts/payment-resource.ts';
import { type MarqueeEvent, newEvent } from '../../services/shared/events.ts';
import { disputeEvent } from '../support/dispute-events.ts';
import { indexesReady, startDocuments } from '../support/documents.ts';
import { customerCreated, noon, paymentSettled, renewalDue } from '../support/money-events.ts';
import { testPlatform } from '../support/platform.ts';
import { deliver, request } from '../support/service.ts';

const invoiceId = 'inv_sub_1_1';

/** Invoicing with an invoice of EUR 17.99 that was paid with money. */
async function paidInvoice(t: ExecutionContext) {
  const documents = await startDocuments(t);
  const published: MarqueeEvent[] = [];
  const service = createInvoicingService(testPlatform({ documents, published }));
  await indexesReady(documents);
  await deliver(service, customerCreated());
  await deliver(service, renewalDue());
  await deliver(service, paymentSettled(invoiceId, 'succeeded'));
  return {
    service,
    invoice: async () => (await request(service, 'get', `/v1/invoices/${invoiceId}`)).body,
    balance: async () => (await request(service, 'get', '/v1/customers/cus_1/credit-balance')).body.amount,
    credit: (asked: object) => request(service, 'post', `/v1/invoices/${invoiceId}/credit-notes`, { body: { reason: 'sorry', ...asked } }),
  };
}

for (const [order, deliveries, amount] of [
  ['opened', ['opened'], 500],
  ['opened, then lost', ['opened', 'lost'], 500],
  ['lost, then opened', ['lost', 'opened'], 500],
  ['opened, then won', ['opened', 'won'], 0],
  ['won, then opened, twice', ['won', 'opened', 'won', 'opened'], 0],
  ['won after it was lost, the loss heard last', ['opened', 'won', 'lost'], 0],
] as const)
  test(`an invoice shows its disputed amount: ${order}`, async (t) => {
    const { service, invoice } = await paidInvoice(t);

    for (const delivery of deliveries) await deliver(service, disputeEvent(delivery, { amount: 500 }));

    t.like(await invoice(), { status: 'paid', amountPaid: 1799, amountDisputed: amount, amountRefunded: 0 });
  });

test('a credit note refunds only money that is not disputed', async (t) => {
  const { service, credit } = await paidInvoice(t);
  await deliver(service, disputeEvent('opened', { amount: 1000 }));

  t.like(await credit({ amount: 800, refund: true }), { status: 409, body: { code: 'payment-disputed' } });
  t.like(await credit({ amount: 799, refund: true }), { status: 201, body: { refund: 799 } });
});

const refunded = (status: 'succeeded' | 'failed', creditNoteId: string | null): MarqueeEvent<'refund.*'> => {
  const data: RefundResource = {
    ...{ id: 'ref_1', paymentId: `pay_${invoiceId}`, invoiceId, subscriptionId: 'sub_1', customerId: 'cus_1' },
    ...{ amount: 500, currency: 'EUR', to: 'method', status, reason: 'sorry', origin: 'marquee', creditNoteId, failureCode: null },
    ...{ createdAt: noon, settledAt: noon, testClock: null },
  };
  const sequence = status === 'succeeded' ? 1 : 2;
  return newEvent({
    type: `refund.${status}` as const,
    subject: 'ref_1',
    sequence,
    time: noon,
    customerId: 'cus_1',
    testClock: null,
    data,
  });
};

for (const [order, deliveries] of [
  ['in order', ['succeeded', 'failed']],
  ['reversed', ['failed', 'succeeded', 'failed']],
] as const)
  test(`a refund that bounces counts as 0 and becomes account credit where a credit note requested it: ${order}`, async (t) => {
    const { service, invoice, balance } = await paidInvoice(t);

    for (const status of deliveries) await deliver(service, refunded(status, 'cn_1'));

    t.like(await invoice(), { status: 'paid', amountRefunded: 0 });
    t.is(await balance(), 500);
  });
