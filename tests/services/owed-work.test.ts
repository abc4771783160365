import test from 'ava';
import { createFundsApplier } from '../../services/invoicing/apply-funds.ts';
import { createCreditGranter } from '../../services/invoicing/credit/grant-credit.ts';
import { createCreditStore } from '../../services/invoicing/credit/store.ts';
import { createInvoicingService } from '../../services/invoicing/index.ts';
import type { Invoice } from '../../services/invoicing/invoice.ts';
import { createInvoiceStore } from '../../services/invoicing/store.ts';
import type { MarqueeEvent } from '../../services/shared/events.ts';
import type { Invoke } from '../../services/shared/service.ts';
import { plusMillis } from '../../services/shared/time.ts';
import { indexesReady, startDocuments } from '../support/documents.ts';
import { customerCreated, noon, renewalDue } from '../support/money-events.ts';
import { testPlatform } from '../support/platform.ts';
import { deliver, request } from '../support/service.ts';

test('an event that can never be published keeps neither the start nor the events of other invoices', async (t) => {
  const documents = await startDocuments(t);
  const published: string[] = [];
  let isAway = true;
  const publish = async (events: readonly MarqueeEvent[]) => {
    if (events.some(({ type, subject }) => type === 'invoice.voided' && (isAway || subject === 'inv_sub_1_1'))) throw new Error('refused');
    published.push(...events.map(({ id }) => id));
  };
  const service = createInvoicingService(testPlatform({ documents, published: [], publish }));
  t.teardown(() => service.stop?.());
  await indexesReady(documents);
  await deliver(service, customerCreated());
  for (const cause of [1, 2]) {
    await deliver(service, renewalDue({ cause }));
    await t.throwsAsync(request(service, 'post', `/v1/invoices/inv_sub_1_${cause}/void`, { body: {} }));
  }
  isAway = false;

  await service.start?.();

  t.true(published.includes('inv_sub_1_2:2'));
  t.false(published.includes('inv_sub_1_1:2'));
});

test('of two processes that apply the same credit, one that was overtaken neither applies nor returns it', async (t) => {
  const documents = await startDocuments(t);
  const [invoices, credits] = [createInvoiceStore(documents), createCreditStore(documents)];
  const service = createInvoicingService(testPlatform({ documents: documents.useDb(documents.name), published: [] }));
  await indexesReady(documents);
  await deliver(service, customerCreated());
  await deliver(service, renewalDue({ lines: [{ amount: 1000 }] }));
  const process = (now: string, invoke: Invoke) => {
    const platform = testPlatform({ documents, published: [], now: () => now, invoke });
    return createCreditGranter(invoices, credits, createFundsApplier(platform, invoices));
  };
  const stored = async () => (await invoices.find(['inv_sub_1_1'])).get('inv_sub_1_1') as Invoice;
  /**
   * Believes that the slow process has ended, and hears that a retry of the payment is under way.
   */
  const other = process(plusMillis(noon, 60_000), async () => ({ agreed: false }));
  const slow = process(noon, async () => {
    await other.resume(await stored());
    return { agreed: true };
  });

  await slow.grant({ id: 'cus_1' }, 'EUR', { id: 'g1', amount: 1000, reason: 'gift', expiresAt: null }, noon);

  t.like(await stored(), { status: 'open', settling: null });
  t.is((await credits.find(['cus_1|EUR'])).get('cus_1|EUR')?.grants[0]?.remaining, 1000);
});

test('while a process applies credit, no other takes it up', async (t) => {
  const documents = await startDocuments(t);
  const [invoices, credits] = [createInvoiceStore(documents), createCreditStore(documents)];
  const service = createInvoicingService(testPlatform({ documents: documents.useDb(documents.name), published: [] }));
  await indexesReady(documents);
  await deliver(service, customerCreated());
  await deliver(service, renewalDue({ lines: [{ amount: 1000 }] }));
  const stored = async () => (await invoices.find(['inv_sub_1_1'])).get('inv_sub_1_1') as Invoice;
  const calls: string[] = [];
  const process = (name: string, meanwhile: () => Promise<void>) => {
    const invoke: Invoke = async () => {
      calls.push(name);
      await meanwhile();
      return { agreed: true };
    };
    const platform = testPlatform({ documents, published: [], now: () => noon, invoke });
    return createCreditGranter(invoices, credits, createFundsApplier(platform, invoices));
  };
  const other = process('other', async () => {});
  const first = process('first', async () => other.resume(await stored()));

  await first.grant({ id: 'cus_1' }, 'EUR', { id: 'g1', amount: 1000, reason: 'gift', expiresAt: null }, noon);

  t.deepEqual(calls, ['first']);
  t.like(await stored(), { status: 'paid', settling: null });
});
