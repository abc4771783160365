import test, { type ExecutionContext } from 'ava';
import { createInvoicingService } from '../../services/invoicing/index.ts';
import type { MarqueeEvent } from '../../services/shared/events.ts';
import { indexesReady, startDocuments } from '../support/documents.ts';
import { customerCreated, paymentSettled, renewalDue } from '../support/money-events.ts';
import { publishOnce, testPlatform } from '../support/platform.ts';
import { deliver, request } from '../support/service.ts';
import { workedCaseTest } from '../support/worked-cases.ts';

type Settings = { readonly agrees?: () => boolean };

/** Invoicing, and a payment service that lets its payments be lowered, or does not. */
async function invoicing(t: ExecutionContext, { agrees = () => true }: Settings = {}) {
  const documents = await startDocuments(t);
  const published: MarqueeEvent[] = [];
  const lowered: string[] = [];
  const invoke = async (_service: string, _method: string, path: string, body?: object) => {
    lowered.push(`${path} ${(body as { amount: number }).amount}`);
    return { agreed: agrees() };
  };
  const service = createInvoicingService(testPlatform({ documents, published, invoke, publish: publishOnce(published) }));
  await indexesReady(documents);
  await deliver(service, customerCreated());
  const grant = (amount: number) =>
    request(service, 'post', '/v1/customers/cus_1/credits', { body: { amount, currency: 'EUR', reason: 'sorry' } });
  const balance = async () => (await request(service, 'get', '/v1/customers/cus_1/credit-balance')).body.amount;
  const invoice = async (cause: number) => (await request(service, 'get', `/v1/invoices/inv_sub_1_${cause}`)).body;
  const statement = async () => (await request(service, 'get', '/v1/customers/cus_1/credit-statement')).body;
  const paidEvents = () => published.filter(({ type }) => type === 'invoice.paid');
  return { service, grant, balance, invoice, statement, paidEvents, lowered };
}

workedCaseTest('KB-36', async (t, { given: { plans }, steps, expect }) => {
  const price = plans.M?.price as number;
  const credit = Number(steps[1]?.params?.amount);
  const [, left, charged, nothing] = expect.map(({ amount }) => amount);
  const { service, grant, balance, invoice } = await invoicing(t);
  await deliver(service, renewalDue({ lines: [{ amount: price }] }));

  await grant(credit);
  t.like(await invoice(1), { status: 'paid', amountDue: 0 });
  t.is(await balance(), left);

  await deliver(service, renewalDue({ cause: 2, lines: [{ amount: price }] }));
  t.like(await invoice(2), { amountDue: charged });
  t.is(await balance(), nothing);
});

workedCaseTest('LG-26', async (t, { given: { credit = 0 }, steps, expect }) => {
  const { service, grant, balance, invoice } = await invoicing(t);
  await grant(credit);
  const seen: unknown[] = [];
  for (const [index, step] of steps.entries()) {
    await deliver(service, renewalDue({ cause: index + 1, lines: [{ amount: Number(step.params?.amount) }] }));
    seen.push((await invoice(index + 1)).amountDue, await balance());
  }
  t.deepEqual(
    seen,
    expect.map(({ amount }) => amount),
  );
});

test('granted credit pays an open invoice after its payment was withdrawn, and the rest remains', async (t) => {
  const { service, grant, balance, invoice, paidEvents, lowered } = await invoicing(t);
  await deliver(service, renewalDue({ lines: [{ amount: 24_995 }] }));

  t.like(await grant(30_000), { status: 201, body: { balance: { amount: 5005 } } });

  t.like(await invoice(1), { status: 'paid', creditApplied: 24_995, amountDue: 0, amountPaid: 0 });
  t.is(await balance(), 5005);
  t.deepEqual(lowered, ['payments/pay_inv_sub_1_1/owe 0']);
  t.like(paidEvents(), [{ data: { amountDue: 0, status: 'paid' } }]);
  await deliver(service, renewalDue({ cause: 2, lines: [{ amount: 24_995 }] }));
  t.like(await invoice(2), { status: 'open', creditApplied: 5005, amountDue: 19_990 });
  t.is(await balance(), 0);
});

test('granted credit pays the oldest open invoice first and the last one in part, whose payment charges the rest', async (t) => {
  const { service, grant, balance, invoice, lowered } = await invoicing(t);
  for (const cause of [1, 2, 3])
    await deliver(service, renewalDue({ cause, lines: [{ amount: 1000 }], time: `2026-0${cause + 1}-01T00:00:00.000Z` }));

  await grant(2500);

  t.deepEqual([(await invoice(1)).status, (await invoice(2)).status, (await invoice(3)).status], ['paid', 'paid', 'open']);
  t.is(await balance(), 0);
  t.is(lowered.at(-1), 'payments/pay_inv_sub_1_3/owe 500');
  t.like(await invoice(3), { amountDue: 500, creditApplied: 500, amountRemaining: 500, settlements: [{ kind: 'credit', amount: 500 }] });

  await grant(200);
  t.is(lowered.at(-1), 'payments/pay_inv_sub_1_3/owe 300');
  await deliver(service, paymentSettled('inv_sub_1_3', 'succeeded', { amount: 300 }));
  t.like(await invoice(3), { status: 'paid', amountPaid: 300, creditApplied: 700, amountRemaining: 0 });
  t.is(await balance(), 0);
});

test('a payment that is under way wins: the invoice stays open and the credit is released', async (t) => {
  const { service, grant, balance, invoice, paidEvents, statement } = await invoicing(t, { agrees: () => false });
  await deliver(service, renewalDue({ lines: [{ amount: 1000 }] }));

  await grant(2000);

  t.like(await invoice(1), { status: 'open', amountDue: 1000, creditApplied: 0 });
  t.is(await balance(), 2000);
  t.deepEqual(paidEvents(), []);
  t.deepEqual(
    ((await statement()).lines as { kind: string; amount: number; balance: number }[]).map(({ kind, amount, balance }) => [
      kind,
      amount,
      balance,
    ]),
    [
      ['granted', 2000, 2000],
      ['applied', -1000, 1000],
      ['returned', 1000, 2000],
    ],
  );
});

test('money for an invoice that credit has paid becomes account credit', async (t) => {
  const { service, grant, balance, invoice } = await invoicing(t);
  await deliver(service, renewalDue({ lines: [{ amount: 1799 }] }));
  await grant(1799);

  const late = paymentSettled('inv_sub_1_1', 'succeeded');
  await deliver(service, late);
  await deliver(service, late);

  t.is(await balance(), 1799);
  t.like(await invoice(1), { status: 'paid', creditApplied: 1799 });
});

test('the next start completes an application that a crash interrupted, once', async (t) => {
  let isAway = true;
  const { service, grant, balance, invoice, paidEvents } = await invoicing(t, {
    agrees: () => {
      if (isAway) throw new Error('payment is unavailable');
      return true;
    },
  });
  await deliver(service, renewalDue({ lines: [{ amount: 1000 }] }));
  await t.throwsAsync(grant(1500), { message: 'payment is unavailable' });
  t.like(await invoice(1), { status: 'open' });

  isAway = false;
  await service.start?.();
  await service.start?.();

  t.like(await invoice(1), { status: 'paid', creditApplied: 1000 });
  t.is(await balance(), 500);
  t.is(paidEvents().length, 1);
});

test('a statement has the opening balance, every movement and the closing balance', async (t) => {
  const { service, grant, statement } = await invoicing(t);
  await grant(3900);
  for (const [cause, amount] of [
    [1, 1772],
    [2, 1769],
  ] as const)
    await deliver(service, renewalDue({ cause, lines: [{ amount }] }));

  t.like(await statement(), {
    currency: 'EUR',
    opening: 0,
    closing: 359,
    lines: [{ balance: 3900 }, { balance: 2128, invoiceId: 'inv_sub_1_1' }, { balance: 359 }],
  });
  const later = await request(service, 'get', '/v1/customers/cus_1/credit-statement', { query: { from: '2100-01-01T00:00:00Z' } });
  t.like(later.body, { opening: 359, closing: 359, lines: [] });
});
