import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { creditedBy, withCreditNote } from '../../services/invoicing/credit-note/credit-note.ts';
import { draftOf, taxRequestOf, withNumberAndCredit } from '../../services/invoicing/draft.ts';
import { createInvoicingService } from '../../services/invoicing/index.ts';
import type { Invoice } from '../../services/invoicing/invoice.ts';
import { type Seller, unnamedSeller } from '../../services/invoicing/legal-entity/legal-entity.ts';
import { tableTax } from '../../services/invoicing/tax/table-tax.ts';
import type { MarqueeEvent } from '../../services/shared/events.ts';
import { indexesReady, startDocuments } from '../support/documents.ts';
import { customerCreated, type Line, noon, paymentSettled, renewalDue } from '../support/money-events.ts';
import { testPlatform } from '../support/platform.ts';
import { deliver, request } from '../support/service.ts';

/** A seller that is registered in Australia, which taxes at 10 %. */
const australian: Seller = { ...unnamedSeller, country: 'AU', registrations: ['AU'] };
const buyer = {
  name: 'Ada',
  email: 'ada@example.com',
  country: 'AU',
  locale: 'en',
  timezone: 'Europe/Berlin',
  address: null,
  vatId: null,
  taxExempt: false,
};

function paidInvoice(lines: readonly Line[], taxBehaviour: 'inclusive' | 'exclusive'): Invoice {
  const event = renewalDue({ lines });
  const request = { ...event.data.invoice, taxBehaviour };
  const taxed = tableTax.taxOf(taxRequestOf(request, buyer, australian, event.time));
  return { ...withNumberAndCredit(draftOf(event, request, buyer, australian, taxed), 'MQ-2026-000001', 0), status: 'paid' };
}

const note = (invoice: Invoice, id: string, lines?: readonly number[], amount?: number) =>
  withCreditNote(invoice, id, `MQ-CN-2026-${id}`, { lines, amount, reason: 'sorry' }, noon);

test('MT-14: two partial notes of a discounted, taxed invoice lose no cent, and crediting a line twice is refused', (t) => {
  const invoice = paidInvoice(
    [1000, 2000, 3000, 4000].map((amount) => ({ amount, discount: amount / 10 })),
    'exclusive',
  );
  t.like(invoice, { total: 9900, subtotal: 10_000, discount: 1000, tax: 900 });

  const first = note(invoice, 'cn_1', [0, 1]);
  const second = first.ok ? note(first.value, 'cn_2', [2, 3]) : first;
  const third = second.ok ? note(second.value, 'cn_3', [0]) : second;

  t.like(second.ok && second.value.creditNotes, [
    { total: 2970, net: 2700, tax: 270 },
    { total: 6930, net: 6300, tax: 630 },
  ]);
  t.like(third, { rejection: { code: 'line-already-credited', pointer: '/lines/0' } });
});

test('law: credit notes over any parts of an invoice lose nothing, credit nothing twice, and sum to its total and tax', (t) => {
  const line = fc
    .record({ amount: fc.integer({ min: 1, max: 20_000 }), cut: fc.integer({ min: 0, max: 100 }) })
    .map(({ amount, cut }) => ({ amount, discount: Math.floor((amount * cut) / 100) }));
  const parts = fc.array(fc.integer({ min: 1, max: 9_000 }), { maxLength: 8 });
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 6 }), fc.boolean(), parts, (lines, exclusive, amounts) => {
      let invoice = paidInvoice(lines, exclusive ? 'exclusive' : 'inclusive');
      const given = () => invoice.creditNotes.reduce((sum, { total }) => sum + total, 0);
      for (const [index, amount] of amounts.entries()) {
        const result = note(invoice, `cn_${index}`, undefined, amount);
        if (result.ok !== amount <= invoice.total - given()) throw new Error(`${amount} of ${invoice.total - given()}: ${result.ok}`);
        if (result.ok) invoice = result.value;
      }
      const rest = note(invoice, 'cn_rest');
      if (rest.ok) invoice = rest.value;
      const tax = invoice.creditNotes.reduce((sum, each) => sum + each.tax, 0);
      if (given() !== invoice.total || tax !== invoice.tax)
        throw new Error(`${given()} with ${tax} of ${invoice.total} with ${invoice.tax}`);
      if (invoice.creditNotes.some((each) => each.net + each.tax !== each.total)) throw new Error('a note does not add up');
      if (invoice.total > 0 && creditedBy(invoice, { reason: 'again' }).ok) throw new Error('credited again');
    }),
  );
  t.pass();
});

async function invoicing(t: ExecutionContext, publish?: (events: readonly MarqueeEvent[]) => Promise<void>) {
  const documents = await startDocuments(t);
  const published: MarqueeEvent[] = [];
  const service = createInvoicingService(testPlatform({ documents, published, ...(publish && { publish }) }));
  await indexesReady(documents);
  await deliver(service, customerCreated());
  await deliver(service, renewalDue({ lines: [{ amount: 1799 }, { amount: 500 }] }));
  return { service, published, documents };
}

const credit = (service: Parameters<typeof request>[0], body: object, idempotencyKey?: string) =>
  request(service, 'post', '/v1/invoices/inv_sub_1_1/credit-notes', {
    body: { reason: 'sorry', ...body },
    ...(idempotencyKey && { idempotencyKey }),
  });
const pay = (service: Parameters<typeof request>[0]) => deliver(service, paymentSettled('inv_sub_1_1', 'succeeded', { amount: 2299 }));
const balance = async (service: Parameters<typeof request>[0]) =>
  (await request(service, 'get', '/v1/customers/cus_1/credit-balance')).body.amount;

test('a credit note becomes account credit, is published once, and the same key returns the same note', async (t) => {
  const { service, published } = await invoicing(t);
  await pay(service);

  const first = await credit(service, { lines: [1] }, 'key-1');
  const again = await credit(service, { lines: [1] }, 'key-1');

  t.like(first, { status: 201, body: { number: 'MQ-CN-2026-000001', total: 500, invoiceId: 'inv_sub_1_1' } });
  t.deepEqual(again.body, first.body);
  t.is(await balance(service), 500);
  const notesPublished = published.filter(({ type }) => type === 'credit-note.issued');
  t.is(notesPublished.length, 1);
  t.like(notesPublished[0], { data: { returned: [{ planId: 'plan_premium', amount: 500 }] } });
  t.like((await request(service, 'get', '/v1/invoices/inv_sub_1_1')).body, { total: 2299, credited: 500, status: 'paid' });
});

test('concurrent credit notes never exceed the invoice, and their numbers have no gap', async (t) => {
  const { service } = await invoicing(t);
  await pay(service);

  const responses = await Promise.all(Array.from({ length: 8 }, () => credit(service, { amount: 1000 })));

  t.is(responses.filter(({ status }) => status === 201).length, 2);
  t.true(responses.every(({ status, body }) => status === 201 || body.code === 'exceeds-creditable'));
  await credit(service, {});
  const { data } = (await request(service, 'get', '/v1/invoices/inv_sub_1_1/credit-notes')).body as {
    data: { number: string; total: number }[];
  };
  t.deepEqual(data.map(({ number }) => number).sort(), ['MQ-CN-2026-000001', 'MQ-CN-2026-000002', 'MQ-CN-2026-000003']);
  t.is(
    data.reduce((sum, { total }) => sum + total, 0),
    2299,
  );
  t.is(await balance(service), 2299);
});

test('the next start numbers, grants and publishes a credit note whose process ended before it had a number', async (t) => {
  const { service, documents, published } = await invoicing(t);
  await pay(service);
  await credit(service, { amount: 100 }, 'key-1');
  const [stored] = await documents.collection('invoices').find().toArray();
  const [first] = (stored as unknown as Invoice).creditNotes;
  const orphan = { ...first, id: 'cn_orphan', number: '' };
  await documents
    .collection('invoices')
    .updateOne({ _id: stored?._id } as never, { $set: { creditNotes: [first, orphan], notesOwed: true } });
  const notes = async () => (await request(service, 'get', '/v1/invoices/inv_sub_1_1/credit-notes')).body.data as { number: string }[];
  t.is((await notes()).length, 1, 'nobody sees it before it has a number');

  await service.start?.();

  t.deepEqual(
    (await notes()).map(({ number }) => number),
    ['MQ-CN-2026-000001', 'MQ-CN-2026-000002'],
  );
  t.is(await balance(service), 200);
  t.true(published.some(({ subject }) => subject === 'cn_orphan'));
});

test('the next start grants and publishes, once, a credit note that a crash left unpublished', async (t) => {
  let isDown = true;
  const notesPublished: MarqueeEvent[] = [];
  const { service } = await invoicing(t, async (events) => {
    if (isDown && events.some(({ type }) => type === 'credit-note.issued')) throw new Error('the broker is unavailable');
    notesPublished.push(...events);
  });
  await pay(service);
  await t.throwsAsync(credit(service, { amount: 100 }, 'key-1'));
  isDown = false;

  await service.start?.();
  await service.start?.();

  t.is(notesPublished.filter(({ type }) => type === 'credit-note.issued').length, 1);
  t.is(await balance(service), 100);
});

for (const [fault, body, pointer] of [
  ['more than the rest', { amount: 2300 }, '/amount'],
  ['a line that does not exist', { lines: [7] }, '/lines/0'],
  ['lines and an amount', { lines: [0], amount: 1 }, '/amount'],
  ['a line twice', { lines: [0, 0] }, '/lines'],
  ['nothing', { amount: 0 }, '/amount'],
] as const)
  test(`a credit note over ${fault} is refused with a pointer, and nothing is granted`, async (t) => {
    const { service } = await invoicing(t);
    await pay(service);
    const response = await credit(service, body);
    t.is(response.status, 422);
    t.is((response.body.errors as { pointer: string }[])[0]?.pointer, pointer);
    t.is(await balance(service), 0);
  });

test('an unpaid invoice cannot be credited', async (t) => {
  const { service } = await invoicing(t);
  t.like(await credit(service, {}), { status: 409, body: { code: 'invoice-not-paid' } });
});
