import test from 'ava';
import fc from 'fast-check';
import type { Connection } from 'mongoose';
import { balanceAt, drawn, drawnFor, granted } from '../../services/invoicing/credit/account-credit.ts';
import { createCreditStore } from '../../services/invoicing/credit/store.ts';
import { draftOf, taxRequestOf } from '../../services/invoicing/draft.ts';
import { createFinalisation } from '../../services/invoicing/finalisation.ts';
import { unnamedSeller } from '../../services/invoicing/legal-entity/legal-entity.ts';
import { createNumberCatchUp } from '../../services/invoicing/number-catch-up.ts';
import {
  assignNumbers,
  confirmStored,
  newSeries,
  numberText,
  type Series,
  seriesOf,
  withoutBorne,
} from '../../services/invoicing/number-series.ts';
import { createNumberStore } from '../../services/invoicing/number-store.ts';
import { createInvoiceStore } from '../../services/invoicing/store.ts';
import { tableTax } from '../../services/invoicing/tax/table-tax.ts';
import { indexesReady, startDocuments } from '../support/documents.ts';
import { renewalDue } from '../support/money-events.ts';

const empty = newSeries('MQ-2026');
const numbersOf = ({ assigned }: Series) => Object.fromEntries(assigned.map(({ invoiceId, number }) => [invoiceId, number]));

test('a series belongs to the UTC year of issue', (t) => {
  t.is(seriesOf('MQ', '2025-12-31T23:59:59.999Z'), 'MQ-2025');
  t.is(seriesOf('MQ', '2026-01-01T00:00:00.000Z'), 'MQ-2026');
  t.is(numberText('MQ-2026', 42), 'MQ-2026-000042');
  t.is(numberText('MQ-2026', 1_234_567), 'MQ-2026-1234567');
});

test('invoices receive the next numbers in their order', (t) => {
  t.deepEqual(numbersOf(assignNumbers(assignNumbers(empty, ['a', 'b']), ['c'])), { a: 1, b: 2, c: 3 });
});

test('an invoice with an assigned number keeps it', (t) => {
  const series = assignNumbers(empty, ['a', 'b']);

  t.is(assignNumbers(series, ['b', 'a']), series);
});

test('a number that its invoice does not bear is assigned to the next invoice', (t) => {
  const series = confirmStored(
    assignNumbers(empty, ['a', 'b']),
    new Map([
      ['a', 'MQ-2026-000007'],
      ['b', 'MQ-2026-000002'],
    ]),
  );

  t.deepEqual(series.free, [1]);
  t.deepEqual(numbersOf(assignNumbers(series, ['c', 'd'])), { c: 1, d: 3 });
});

test('confirming an invoice without an assignment changes nothing', (t) => {
  t.is(confirmStored(empty, new Map([['a', 'MQ-2026-000001']])), empty);
});

test('a series that is behind leaves out the numbers that documents bear, and gives those between them', (t) => {
  const series = withoutBorne(
    { ...assignNumbers(empty, ['a', 'b']), free: [7], next: 8 },
    new Map([
      [1, 'a'],
      [2, 'z'],
      [7, 'y'],
      [9, 'x'],
    ]),
  );

  t.deepEqual(numbersOf(series), { a: 1 });
  t.deepEqual([series.next, series.free], [10, [8]]);
  t.is(withoutBorne(series, new Map([[1, 'a']])), series, 'a repeat changes nothing');
});

test('after any assignments, stores and losses, every number is in exactly one place', (t) => {
  const step = fc.oneof(
    fc.record({ assign: fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 5 }) }),
    fc.record({ store: fc.integer({ min: 0, max: 30 }), elsewhere: fc.boolean() }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let series = empty;
      const stored = new Map<string, string>();
      for (const move of steps) {
        if ('assign' in move)
          series = assignNumbers(
            series,
            [...new Set(move.assign)].map(String).filter((id) => !stored.has(id)),
          );
        else {
          const given = series.assigned.find(({ invoiceId }) => invoiceId === String(move.store));
          if (!given || stored.has(given.invoiceId)) continue;
          if (!move.elsewhere) stored.set(given.invoiceId, numberText(series._id, given.number));
          series = confirmStored(series, new Map([[given.invoiceId, stored.get(given.invoiceId) ?? 'MQ-2026-999999']]));
        }
      }
      const borne = [...stored.values()].map((text) => Number(text.slice(-6)));
      const places = [...series.assigned.map(({ number }) => number), ...series.free, ...borne].sort((a, b) => a - b);
      t.deepEqual(
        places,
        Array.from({ length: series.next - 1 }, (_, index) => index + 1),
      );
    }),
  );
});

const draft = (cause: number) => {
  const event = renewalDue({ cause });
  const customer = {
    name: 'A',
    email: 'a@example.com',
    country: 'DE',
    locale: 'de',
    timezone: 'Europe/Berlin',
    address: null,
    vatId: null,
    taxExempt: false,
  };
  const request = event.data.invoice;
  return draftOf(event, request, customer, unnamedSeller, tableTax.taxOf(taxRequestOf(request, customer, unnamedSeller, event.time)));
};

/** A process with its own memory, which shares only the documents with others. */
async function aProcess(documents: Connection) {
  const connection = documents.useDb(documents.name);
  const [invoices, numbers, credits] = [createInvoiceStore(connection), createNumberStore(connection), createCreditStore(connection)];
  await indexesReady(connection);
  return { invoices, numbers, credits, finalisation: createFinalisation(invoices, numbers, credits) };
}

test('four processes that finalise the same and different invoices concurrently leave no gap and use no number twice', async (t) => {
  const documents = await startDocuments(t);
  const processes = [await aProcess(documents), await aProcess(documents), await aProcess(documents), await aProcess(documents)];
  const drafts = Array.from({ length: 60 }, (_, index) => draft(index + 1));

  await Promise.all(
    processes.flatMap(({ finalisation }, process) =>
      Array.from({ length: 12 }, (_, part) =>
        finalisation.finalise(drafts.filter((_, index) => index % 12 === part || index % 4 === process)),
      ),
    ),
  );
  const { invoices, numbers, finalisation } = await aProcess(documents);
  await finalisation.recover();
  const made = await invoices.find(drafts.map(({ _id }) => _id));
  const [series] = await numbers.all();

  const borne = [...made.values()].map(({ number }) => Number(number.slice(-6)));
  t.is(borne.length, 60);
  t.is(new Set(borne).size, 60);
  t.deepEqual(series?.assigned, []);
  t.deepEqual(
    [...borne, ...(series?.free ?? [])].sort((a, b) => a - b),
    Array.from({ length: (series?.next ?? 0) - 1 }, (_, index) => index + 1),
  );
});

test('an invoice receives the number that was assigned before a crash when its event is redelivered', async (t) => {
  const documents = await startDocuments(t);
  const { numbers, finalisation } = await aProcess(documents);
  await numbers.assign('MQ-2026', ['inv_sub_1_2'], new Map());

  const [first] = await finalisation.finalise([draft(1)]);
  const [second] = await finalisation.finalise([draft(2)]);

  t.is(second?.number, 'MQ-2026-000001');
  t.is(first?.number, 'MQ-2026-000002');
});

test('after a crash behind the store of an invoice, the next start leaves no number assigned', async (t) => {
  const documents = await startDocuments(t);
  const { numbers, finalisation } = await aProcess(documents);
  await finalisation.finalise([draft(1), draft(2)]);
  t.like(await numbers.all(), { 0: { assigned: { length: 2 } } });

  await (await aProcess(documents)).finalisation.recover();

  t.like(await numbers.all(), { 0: { assigned: { length: 0 }, free: { length: 0 }, next: 3 } });
});

test('credit that was drawn for an invoice is returned when another delivery stored the invoice without it', async (t) => {
  const documents = await startDocuments(t);
  const { credits, finalisation } = await aProcess(documents);
  const [invoice] = await finalisation.finalise([draft(1)]);
  const now = invoice?.issuedAt ?? '';
  const credit = { id: 'g', amount: 500, reason: 'test', expiresAt: null };
  await credits.change('cus_1', 'EUR', (account) => drawn(granted(account, credit, now), 'inv_sub_1_1', 1799, now));

  await finalisation.finalise([draft(1)]);

  const account = (await credits.find(['cus_1|EUR'])).get('cus_1|EUR');
  t.is(account && balanceAt(account, now), 500);
  t.is(account && drawnFor(account, 'inv_sub_1_1'), 0);
});

test('credit that was drawn for a larger total, before a crash, pays the total of the repeat, and the rest returns', async (t) => {
  const documents = await startDocuments(t);
  const { credits, finalisation } = await aProcess(documents);
  const now = draft(1).issuedAt;
  const gift = (id: string, amount: number) => ({ id, amount, reason: 'test', expiresAt: null });
  await credits.change('cus_1', 'EUR', (account) =>
    drawn(granted(granted(account, gift('g1', 1500), now), gift('g2', 1500), now), 'inv_sub_1_1', 2200, now),
  );

  const [invoice, again] = [(await finalisation.finalise([draft(1)]))[0], (await finalisation.finalise([draft(1)]))[0]];

  t.like(invoice, { total: 1799, creditApplied: 1799, amountDue: 0, status: 'paid' });
  t.like(again, { creditApplied: 1799 });
  const account = (await credits.find(['cus_1|EUR'])).get('cus_1|EUR');
  t.is(account && drawnFor(account, 'inv_sub_1_1'), 1799);
  t.deepEqual(
    account?.grants.map(({ remaining }) => remaining),
    [0, 1201],
  );
});

test('where the store lost the latest writes of a series, invoices receive the numbers behind those that are borne', async (t) => {
  const documents = await startDocuments(t);
  const { numbers, finalisation } = await aProcess(documents);
  await finalisation.finalise([draft(1), draft(2), draft(3)]);
  await documents.collection('invoice_numbers').updateOne({}, { $set: { next: 2, assigned: [], free: [] } });

  const [fourth] = await finalisation.finalise([draft(4)]);
  const [fifth, again] = await finalisation.finalise([draft(5), draft(2)]);

  t.deepEqual([fourth?.number, fifth?.number, again?.number], ['MQ-2026-000004', 'MQ-2026-000005', 'MQ-2026-000002']);
  t.like(await numbers.all(), { 0: { next: 6, free: { length: 0 } } });
});

test('the next start brings a series up to the invoices and credit notes that bear its numbers', async (t) => {
  const documents = await startDocuments(t);
  const { invoices, numbers, finalisation } = await aProcess(documents);
  await finalisation.finalise([draft(1), draft(2)]);
  const note = { id: 'cn_1', number: 'MQ-CN-2026-000001' };
  await documents.collection<{ _id: string }>('invoices').updateOne({ _id: 'inv_sub_1_1' }, { $set: { creditNotes: [note] } });
  await numbers.assign('MQ-CN-2026', ['cn_2'], new Map());
  await documents.collection('invoice_numbers').updateOne({ _id: 'MQ-2026' } as never, { $set: { next: 1, assigned: [] } });

  await createNumberCatchUp(numbers, invoices).all();

  t.like(await numbers.find('MQ-2026'), { next: 3, free: { length: 0 } });
  t.like(await numbers.find('MQ-CN-2026'), { next: 2, assigned: { length: 0 } });
});
