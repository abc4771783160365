import test, { type ExecutionContext } from 'ava';
import type { SubscriptionCommand } from '../../actors/subscription/rules/subscription.ts';
import { createInvoicingService } from '../../services/invoicing/index.ts';
import type { RefundResource } from '../../services/shared/contracts/payment-resource.ts';
import type { MarqueeEvent } from '../../services/shared/events.ts';
import { indexesReady, startDocuments } from '../support/documents.ts';
import { customerCreated, paymentSettled, refundSettled, renewalDue, subscriptionEnded } from '../support/money-events.ts';
import { testPlatform } from '../support/platform.ts';
import { deliver, request } from '../support/service.ts';
import { cancel, given, paid, start, terms } from '../support/subscription-life.ts';
import { workedCaseTest } from '../support/worked-cases.ts';

const invoiceId = 'inv_sub_1_1';

type Paid = { readonly amount: number; readonly credit?: number };

/** An invoice over one line, paid by account credit as far as that goes, and by money for the rest. */
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
    told: () => [...new Map(published.map((event) => [event.id, event.type])).values()].filter((type) => type !== 'invoice.finalised'),
    notes: () => published.filter(({ type }) => type === 'credit-note.issued').map(({ data }) => data as Record<string, unknown>),
    invoice: async () => (await request(service, 'get', `/v1/invoices/${invoiceId}`)).body,
    balance: async () => (await request(service, 'get', '/v1/customers/cus_1/credit-balance')).body.amount,
    credit: (asked: object) => request(service, 'post', `/v1/invoices/${invoiceId}/credit-notes`, { body: { reason: 'sorry', ...asked } }),
  };
}

const refunded = (amount: number, changes: Partial<RefundResource> = {}) => refundSettled({ amount, ...changes });

const endedWithRefund = (amount: number): MarqueeEvent => {
  const event = subscriptionEnded('inv_none', 'void');
  const line = { kind: 'credit', planId: 'plan_premium', amount: -amount, creditedInvoiceId: invoiceId };
  return { ...event, data: { ...(event.data as object), closes: [], refunds: [line] } };
};

test('a credit note with a refund gives the money back and no credit', async (t) => {
  const { credit, notes, balance } = await paidInvoice(t, { amount: 1799 });

  t.like(await credit({ amount: 500, refund: true }), { status: 201, body: { total: 500, refund: 500 } });

  t.like(notes(), [{ refund: 500 }]);
  t.is(await balance(), 0);
});

test('what account credit had paid comes back as account credit first, and only the rest as money', async (t) => {
  const { credit, balance } = await paidInvoice(t, { amount: 1000, credit: 300 });

  t.like(await credit({ amount: 500, refund: true }), { body: { total: 500, refund: 200 } });
  t.is(await balance(), 300);
  t.like(await credit({ refund: true }), { body: { total: 500, refund: 500 } });
  t.is(await balance(), 300);
});

test('money that went back without a note is not given back again by a note', async (t) => {
  const { credit, service, balance } = await paidInvoice(t, { amount: 1000 });
  await deliver(service, refunded(800));

  t.like(await credit({ refund: true }), { body: { total: 1000, refund: 200 } });
  t.is(await balance(), 800);
});

test('an invoice shows what went back, once, and is found by it', async (t) => {
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

test('a refund as credit is given once; one that failed becomes credit only where a note had promised it', async (t) => {
  const { service, balance, invoice } = await paidInvoice(t, { amount: 1799 });

  for (let times = 0; times < 2; times += 1) await deliver(service, refunded(500, { to: 'credit' }));
  t.is(await balance(), 500);
  await deliver(service, refunded(300, { id: 'ref_2', status: 'failed' }));
  t.is(await balance(), 500);
  for (let times = 0; times < 2; times += 1) await deliver(service, refunded(300, { id: 'ref_3', status: 'failed', creditNoteId: 'cn_1' }));
  t.is(await balance(), 800);
  t.like(await invoice(), { amountRefunded: 500 });
});

test('a cancellation that refunds makes one credit note of the invoice that had charged it, however often it is told', async (t) => {
  const { service, notes, invoice } = await paidInvoice(t, { amount: 1799 });

  const follows = [await deliver(service, endedWithRefund(1000)), await deliver(service, endedWithRefund(1000))];

  t.like(notes(), { length: 1, 0: { total: 1000, refund: 1000, reason: 'cancellation', returned: [{ amount: 1000 }] } });
  t.deepEqual(follows[0], follows[1]);
  t.like(await invoice(), { credited: 1000 });
});

test('a cancellation that is heard before the payment of what it refunds has to come again', async (t) => {
  const documents = await startDocuments(t);
  const service = createInvoicingService(testPlatform({ documents, published: [] }));
  await deliver(service, customerCreated());
  await deliver(service, renewalDue());

  await t.throwsAsync(deliver(service, endedWithRefund(1000)), { message: /not known as paid yet/ });
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

test('a refund that asks for it opens its invoice again, which is then paid by hand, and never charged again', async (t) => {
  const { service, invoice, told } = await paidInvoice(t, { amount: 1000 });
  const refund = refunded(1000, { reopen: true });
  await deliver(service, refund, refund);

  t.like(await invoice(), { status: 'open', amountPaid: 1000, amountRefunded: 1000, amountRemaining: 1000 });
  const body = { amount: 1000, reference: 'RF18 5390' };
  const answer = await request(service, 'post', `/v1/invoices/${invoiceId}/payments`, { body });

  t.like(answer, { status: 201, body: { status: 'paid', amountRemaining: 0, amountPaid: 2000 } });
  t.deepEqual(told(), ['invoice.paid', 'invoice.reopened', 'invoice.payment-recorded', 'invoice.paid']);
});

test('so does a part, and account credit that is given pays it', async (t) => {
  const { service, invoice, balance } = await paidInvoice(t, { amount: 1000 });
  await deliver(service, refunded(300, { reopen: true }));
  t.like(await invoice(), { status: 'open', amountRemaining: 300 });

  await request(service, 'post', '/v1/customers/cus_1/credits', { body: { amount: 500, currency: 'EUR', reason: 'gift' } });

  t.like(await invoice(), { status: 'paid', amountRemaining: 0 });
  t.is(await balance(), 200);
});

test('what the bank sends back of such a refund pays the invoice again', async (t) => {
  const { service, invoice } = await paidInvoice(t, { amount: 1000 });
  const refund = refunded(1000, { reopen: true });
  await deliver(service, refund);
  await deliver(service, { ...refunded(1000, { reopen: true, status: 'failed' }), id: `${refund.subject}:2`, sequence: 2 });

  t.like(await invoice(), { status: 'paid', amountRefunded: 0, amountRemaining: 0 });
});

test('an invoice that was opened again can be voided: what was paid since goes back, and not what went back before', async (t) => {
  const { service, invoice, balance } = await paidInvoice(t, { amount: 1000 });
  await deliver(service, refunded(1000, { reopen: true }));
  await request(service, 'post', `/v1/invoices/${invoiceId}/payments`, { body: { amount: 400, reference: 'RF18 5390' } });

  await request(service, 'post', `/v1/invoices/${invoiceId}/void`, { body: {} });

  t.like(await invoice(), { status: 'void', givenBack: { credit: 400, refund: 0 } });
  t.is(await balance(), 400);
});
