import test, { type ExecutionContext } from 'ava';
import type { SubscriptionCommand } from '../../actors/subscription/rules/subscription.ts';
import { createInvoicingService } from '../../services/invoicing/index.ts';
import type { RefundResource } from '../../services/shared/contracts/payment-resource.ts';
import type { MarqueeEvent } from '../../services/shared/events.ts';
import { disputeEvent } from '../support/dispute-events.ts';
import { indexesReady, startDocuments } from '../support/documents.ts';
import { customerCreated, paymentSettled, refundSettled, renewalDue, subscriptionEnded } from '../support/money-events.ts';
import { partialEvent } from '../support/partial-event.ts';
import { testPlatform } from '../support/platform.ts';
import { deliver, request } from '../support/service.ts';
import { cancel, given, paid, start, terms } from '../support/subscription-life.ts';
import { workedCaseTest } from '../support/worked-cases.ts';

const invoiceId = 'inv_sub_1_1';

type Paid = { readonly amount: number; readonly credit?: number };

/**
 * An invoice over one line, paid with account credit as far as possible and with money for the
 * rest.
 */
async function paidInvoice(t: ExecutionContext, { amount, credit = 0 }: Paid) {
  const documents = await startDocuments(t);
  const published: MarqueeEvent[] = [];
  const service = createInvoicingService(testPlatform({ documents, published }));
  await indexesReady(documents);
  await deliver(service, customerCreated());
  const body = { amount: credit, currency: 'EUR', reason: 'gift' };
  if (credit > 0) await request(service, 'post', '/v1/customers/cus_1/credits', { body });
  await deliver(service, renewalDue({ lines: [{ amount }] }));
  const { amountDue } = (await request(service, 'get', `/v1/invoices/${invoiceId}`)).body as { amountDue: number };
  const pay = () => deliver(service, paymentSettled(invoiceId, 'succeeded', { amount: amountDue }));
  await pay();
  return {
    service,
    amountDue,
    publishedTypes: () =>
      [...new Map(published.map((event) => [event.id, event.type])).values()].filter((type) => type !== 'invoice.finalised'),
    notes: () => published.filter(({ type }) => type === 'credit-note.issued').map(({ data }) => data as Record<string, unknown>),
    invoice: async () => (await request(service, 'get', `/v1/invoices/${invoiceId}`)).body,
    balance: async () => (await request(service, 'get', '/v1/customers/cus_1/credit-balance')).body.amount,
    credit: (changes: object) =>
      request(service, 'post', `/v1/invoices/${invoiceId}/credit-notes`, { body: { reason: 'sorry', ...changes } }),
  };
}

const refunded = (amount: number, changes: Partial<RefundResource> = {}) => refundSettled({ amount, ...changes });

const endedWithRefund = (amount: number): MarqueeEvent => {
  const event = subscriptionEnded('inv_none', 'void');
  const line = { kind: 'credit', planId: 'plan_premium', amount: -amount, creditedInvoiceId: invoiceId } as const;
  return partialEvent({ ...event, data: { ...event.data, closes: [], refunds: [line] } });
};

test('a credit note with a refund returns money and grants no credit', async (t) => {
  const { credit, notes, balance } = await paidInvoice(t, { amount: 1799 });

  t.like(await credit({ amount: 500, refund: true }), { status: 201, body: { total: 500, refund: 500 } });

  t.like(notes(), [{ refund: 500 }]);
  t.is(await balance(), 0);
});

test('the part paid by account credit returns as account credit first, and only the rest is refunded', async (t) => {
  const { credit, balance } = await paidInvoice(t, { amount: 1000, credit: 300 });

  t.like(await credit({ amount: 500, refund: true }), { body: { total: 500, refund: 200 } });
  t.is(await balance(), 300);
  t.like(await credit({ refund: true }), { body: { total: 500, refund: 500 } });
  t.is(await balance(), 300);
});

test('money that was refunded without a credit note is not refunded again by one', async (t) => {
  const { credit, service, balance } = await paidInvoice(t, { amount: 1000 });
  await deliver(service, refunded(800));

  t.like(await credit({ refund: true }), { body: { total: 1000, refund: 200 } });
  t.is(await balance(), 800);
});

test('an invoice counts each refund once and can be listed by its refund status', async (t) => {
  const { service, invoice } = await paidInvoice(t, { amount: 1799 });
  const found = async (status: string) =>
    ((await request(service, 'get', '/v1/invoices', { query: { status } })).body.data as unknown[]).length;

  await deliver(service, refunded(500));
  await deliver(service, refunded(500));
  t.like(await invoice(), { status: 'partially-refunded', amountRefunded: 500, amountPaid: 1799, total: 1799 });
  t.deepEqual([await found('partially-refunded'), await found('paid'), await found('refunded')], [1, 0, 0]);

  await deliver(service, refunded(1299, { id: 'ref_2' }));
  t.like(await invoice(), { status: 'refunded', amountRefunded: 1799 });
  t.deepEqual([await found('partially-refunded'), await found('paid'), await found('refunded')], [0, 0, 1]);
});

test('a refund to account credit is granted once; a failed refund becomes credit only where a credit note requested it', async (t) => {
  const { service, balance, invoice } = await paidInvoice(t, { amount: 1799 });

  for (let times = 0; times < 2; times += 1) await deliver(service, refunded(500, { to: 'credit' }));
  t.is(await balance(), 500);
  await deliver(service, refunded(300, { id: 'ref_2', status: 'failed' }));
  t.is(await balance(), 500);
  for (let times = 0; times < 2; times += 1) await deliver(service, refunded(300, { id: 'ref_3', status: 'failed', creditNoteId: 'cn_1' }));
  t.is(await balance(), 800);
  t.like(await invoice(), { amountRefunded: 500 });
});

test('a cancellation with a refund issues one credit note for the charged invoice, however often its event is delivered', async (t) => {
  const { service, notes, invoice } = await paidInvoice(t, { amount: 1799 });

  const follows = [await deliver(service, endedWithRefund(1000)), await deliver(service, endedWithRefund(1000))];

  t.like(notes(), { length: 1, 0: { total: 1000, refund: 1000, reason: 'cancellation', returned: [{ amount: 1000 }] } });
  t.deepEqual(follows[0], follows[1]);
  t.like(await invoice(), { credited: 1000 });
});

test('a late payment that its cancellation had promised to refund issues one credit note', async (t) => {
  const { service, notes } = await paidInvoice(t, { amount: 1799 });
  const line = { kind: 'credit', planId: 'plan_premium', amount: -1799, creditedInvoiceId: invoiceId } as const;
  const subscription = { id: 'sub_1', customerId: 'cus_1' };
  const data = { subscription, previous: {}, invoiceId, invoice: null, refunds: [line] };
  const returned = partialEvent({ type: 'subscription.late-payment-returned', subject: 'sub_1', sequence: 201, data });

  for (let times = 0; times < 2; times += 1) await deliver(service, returned);

  t.like(notes(), { length: 1, 0: { total: 1799, refund: 1799 } });
});

test('a cancellation that overtakes its invoice is redelivered', async (t) => {
  const documents = await startDocuments(t);
  const service = createInvoicingService(testPlatform({ documents, published: [] }));
  await indexesReady(documents);
  await deliver(service, customerCreated());

  await t.throwsAsync(deliver(service, endedWithRefund(1000)), { message: /not known yet/ });
});

test('a cancellation that overtakes the payment it refunds is refunded with the payment, however often each event is delivered', async (t) => {
  const documents = await startDocuments(t);
  const published: MarqueeEvent[] = [];
  const service = createInvoicingService(testPlatform({ documents, published }));
  await indexesReady(documents);
  await deliver(service, customerCreated());
  await deliver(service, renewalDue());
  const paidLate = paymentSettled(invoiceId, 'succeeded');

  for (let times = 0; times < 2; times += 1) t.deepEqual(await deliver(service, endedWithRefund(1000)), []);
  const follows = await deliver(service, paidLate);
  await deliver(service, paidLate, endedWithRefund(1000));

  const notes = [...new Map(published.filter(({ type }) => type === 'credit-note.issued').map((event) => [event.id, event])).values()];
  t.like(notes, { length: 1, 0: { data: { total: 1000, refund: 1000, reason: 'cancellation' } } });
  t.true(follows.includes(notes[0]?.id as string));
});

test('a refund of a cancellation waits while a bank holds the money, and is made when the dispute is won', async (t) => {
  const { service, notes } = await paidInvoice(t, { amount: 1799 });
  await deliver(service, disputeEvent('opened', { amount: 1799 }));

  await deliver(service, endedWithRefund(1000));
  t.is(notes().length, 0);
  await deliver(service, disputeEvent('won', { amount: 1799 }));
  await deliver(service, disputeEvent('won', { amount: 1799 }), endedWithRefund(1000));

  t.like(notes()[0], { total: 1000, refund: 1000 });
  t.is(new Set(notes().map(({ id }) => id)).size, 1);
});

test('a refund of a cancellation waits while a reopened invoice is unpaid, and lapses when the invoice is void', async (t) => {
  const { service, notes, balance } = await paidInvoice(t, { amount: 1000 });
  await deliver(service, refunded(300, { reopen: true }));

  await deliver(service, endedWithRefund(500));
  t.is(notes().length, 0);
  await request(service, 'post', `/v1/invoices/${invoiceId}/void`, { body: {} });
  await service.start?.();
  await service.stop?.();
  await deliver(service, endedWithRefund(500));

  t.is(notes().length, 0);
  t.is(await balance(), 700, 'the void has returned what was paid');
});

workedCaseTest('LG-06', async (t, { given: { plans }, steps, expect }) => {
  const price = plans.M?.price as number;
  const [{ at: started = '' } = {}, { params } = {}, { at: cancelled = '' } = {}] = steps;
  const calendar = { terms: terms('plan_premium', price), anchor: { day: 1, month: null } };
  const untilItsEnd = { ...cancel('now', 'none', 'prorate'), lastDay: 'included' } as SubscriptionCommand;
  const life = given([start(calendar), started], [paid, started]).when(untilItsEnd, cancelled);
  const [ended] = life.events;
  const unused = ended?.type === 'subscription.ended' ? ended.refunds.reduce((sum, { amount }) => sum - amount, 0) : 0;
  const stub = price * (21 / 28);
  const [{ amount, refund, credit } = {}] = expect as { amount?: number; refund?: number; credit?: number }[];

  const money = Number(params?.amount);
  const tax = 1.2;
  const { service, notes, balance, amountDue } = await paidInvoice(t, { amount: stub * tax, credit: stub * tax - money });
  t.is(amountDue, money);
  await deliver(service, endedWithRefund(unused * tax));

  t.like(notes(), [{ total: amount, refund }]);
  t.is(await balance(), credit);
});

test('a refund with reopen opens its invoice again, which is then paid offline and never charged again', async (t) => {
  const { service, invoice, publishedTypes } = await paidInvoice(t, { amount: 1000 });
  const refund = refunded(1000, { reopen: true });
  await deliver(service, refund, refund);

  t.like(await invoice(), { status: 'open', amountPaid: 1000, amountRefunded: 1000, amountRemaining: 1000 });
  const body = { amount: 1000, reference: 'RF18 5390' };
  const response = await request(service, 'post', `/v1/invoices/${invoiceId}/payments`, { body });

  t.like(response, { status: 201, body: { status: 'paid', amountRemaining: 0, amountPaid: 2000 } });
  t.deepEqual(publishedTypes(), ['invoice.paid', 'invoice.reopened', 'invoice.payment-recorded', 'invoice.paid']);
});

test('a partial refund with reopen makes its part due again, and granted account credit pays it', async (t) => {
  const { service, invoice, balance } = await paidInvoice(t, { amount: 1000 });
  await deliver(service, refunded(300, { reopen: true }));
  t.like(await invoice(), { status: 'open', amountRemaining: 300 });

  await request(service, 'post', '/v1/customers/cus_1/credits', { body: { amount: 500, currency: 'EUR', reason: 'gift' } });

  t.like(await invoice(), { status: 'paid', amountRemaining: 0 });
  t.is(await balance(), 200);
});

test('a refund with reopen that bounces leaves the invoice paid', async (t) => {
  const { service, invoice } = await paidInvoice(t, { amount: 1000 });
  const refund = refunded(1000, { reopen: true });
  await deliver(service, refund);
  await deliver(service, { ...refunded(1000, { reopen: true, status: 'failed' }), id: `${refund.subject}:2`, sequence: 2 });

  t.like(await invoice(), { status: 'paid', amountRefunded: 0, amountRemaining: 0 });
});

test('voiding a reopened invoice returns what was paid since and not what was refunded before', async (t) => {
  const { service, invoice, balance } = await paidInvoice(t, { amount: 1000 });
  await deliver(service, refunded(1000, { reopen: true }));
  await request(service, 'post', `/v1/invoices/${invoiceId}/payments`, { body: { amount: 400, reference: 'RF18 5390' } });

  await request(service, 'post', `/v1/invoices/${invoiceId}/void`, { body: {} });

  t.like(await invoice(), { status: 'void', givenBack: { credit: 400, refund: 0 } });
  t.is(await balance(), 400);
});
