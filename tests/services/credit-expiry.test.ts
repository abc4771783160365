import test, { type ExecutionContext } from 'ava';
import { creditAccountId, granted, nextExpiry } from '../../services/invoicing/credit/account-credit.ts';
import { createCreditExpiry } from '../../services/invoicing/credit/expiry.ts';
import { createCreditStore } from '../../services/invoicing/credit/store.ts';
import { createInvoiceStore } from '../../services/invoicing/store.ts';
import { indexesReady, startDocuments } from '../support/documents.ts';
import { customerCreated } from '../support/money-events.ts';
import { testPlatform } from '../support/platform.ts';

const today = '2026-02-01T00:00:00.000Z';
const yesterday = '2026-01-31T00:00:00.000Z';
const tomorrow = '2026-02-02T00:00:00.000Z';

/** Credit of two customers, one of them on a test clock, that expires at different times. */
async function creditsOf(t: ExecutionContext) {
  const documents = await startDocuments(t);
  const [credits, invoices] = [createCreditStore(documents), createInvoiceStore(documents)];
  await indexesReady(documents);
  await invoices.saveCustomers([customerCreated('cus_1'), customerCreated('cus_2', { testClock: 'tc_1' })]);
  const give = (customer: string, id: string, expiresAt: string | null) =>
    credits.change(customer, 'EUR', (account) =>
      granted(account, { id, amount: 100, reason: 'gift', expiresAt }, '2026-01-01T00:00:00.000Z'),
    );
  const expiry = createCreditExpiry(testPlatform({ documents, published: [], now: () => today }), credits, invoices);
  const account = async (customer: string) => {
    const id = creditAccountId(customer, 'EUR');
    return (await credits.find([id])).get(id);
  };
  return { give, expiry, account };
}

test('expired credit is written off by one entry even in an unused account, and the rest remains', async (t) => {
  const { give, expiry, account } = await creditsOf(t);
  await give('cus_1', 'past', yesterday);
  await give('cus_1', 'next', tomorrow);
  await give('cus_1', 'ever', null);

  t.deepEqual([await expiry.sweep(), await expiry.sweep()], [1, 0]);

  const after = await account('cus_1');
  t.deepEqual(
    after?.grants.map(({ id, remaining }) => `${id} ${remaining}`),
    ['past 0', 'next 100', 'ever 100'],
  );
  t.like(after?.entries.at(-1), { from: 'customer', to: 'expired', amount: 100 });
  t.is(after && nextExpiry(after), tomorrow);
});

test('the sweep leaves credit on a test clock alone', async (t) => {
  const { give, expiry, account } = await creditsOf(t);
  await give('cus_2', 'past', yesterday);

  t.is(await expiry.sweep(), 0);
  t.like((await account('cus_2'))?.grants, [{ remaining: 100 }]);
});
