import test, { type ExecutionContext } from 'ava';
import { createNotificationService } from '../../services/notification/index.ts';
import { type MarqueeEvent, newEvent } from '../../services/shared/events.ts';
import type { Invoke } from '../../services/shared/service.ts';
import { callRoutes } from '../support/call-route.ts';
import { indexesReady, startDocuments } from '../support/documents.ts';
import { customerCreated } from '../support/money-events.ts';
import { testPlatform } from '../support/platform.ts';
import { deliver } from '../support/service.ts';
import { start } from '../support/subscription-life.ts';
import { publishedBy } from '../support/subscription-story.ts';

const url = 'https://billing.example.com/v1/update-card/link';

async function startNotification(t: ExecutionContext, invoke?: Invoke) {
  const documents = await startDocuments(t);
  const asked: unknown[] = [];
  const answered: Invoke = async (service, method, path, body) => {
    asked.push([service, method, path, body]);
    return { url };
  };
  const service = createNotificationService(testPlatform({ documents, published: [], invoke: invoke ?? answered }));
  await indexesReady(documents);
  const ask = callRoutes(service.routes);
  const told = async (): Promise<Record<string, string>[]> =>
    (await ask('get', '/v1/notifications', { query: { limit: '200', channel: 'email' } })).body.data;
  return { service, asked, told };
}

const cardExpiring = (customerId = 'cus_1'): MarqueeEvent =>
  newEvent({
    type: 'customer.payment-method-expiring',
    subject: `${customerId}.pm_1.2026-03`,
    sequence: 1,
    time: '2026-02-01T00:00:00.000Z',
    customerId,
    testClock: null,
    data: {
      customerId,
      paymentMethodId: 'pm_1',
      card: { brand: 'visa', last4: '4242', expMonth: 2, expYear: 2026, fingerprint: null },
      expiresAt: '2026-03-01T00:00:00.000Z',
      nextBillingAt: '2026-02-15T00:00:00.000Z',
    },
  });

const unpaid = () => publishedBy([[start(), '2026-01-15']], '2026-03-10', (at) => at < '2026-02-15');

test('who pays with a card that expires is told until when it lasts and what it is needed for, once', async (t) => {
  const { service, told } = await startNotification(t);
  await deliver(service, customerCreated(), customerCreated('cus_2', { locale: 'en', timezone: 'America/Los_Angeles' }));
  await deliver(service, cardExpiring(), cardExpiring('cus_2'));
  await deliver(service, cardExpiring());
  const messages = await told();
  t.is(messages.length, 2);
  const of = (customer: string) => messages.find(({ customerId }) => customerId === customer);
  t.like(of('cus_1'), { template: 'card-expiring', subject: 'Ihre Karte mit den Endziffern 4242 läuft bald ab', state: 'stored' });
  t.regex(String(of('cus_1')?.body), /ist bis zum 28\. Februar 2026 gültig, und Ihr Abonnement verlängert sich am 15\. Februar 2026\./);
  t.regex(String(of('cus_2')?.body), /is valid until February 28, 2026, and your subscription renews on February 14, 2026\./);
});

test('what a new card would help with is told with a link, of the invoice where there is one; all else without', async (t) => {
  const { service, asked, told } = await startNotification(t);
  await deliver(service, customerCreated(), cardExpiring(), ...unpaid());
  const linked = (await told()).filter(({ body = '' }) => body.endsWith(`: ${url}`)).map(({ template }) => template);
  t.deepEqual([...new Set(linked)].toSorted(), ['card-expiring', 'payment-failed.new-method', 'payment-failed.retry', 'suspended']);
  const others = (await told()).filter(({ body = '' }) => !body.includes(url)).map(({ template }) => template);
  t.deepEqual(others.toSorted(), ['activated', 'ended.payment-failed']);
  const path = ['account', 'post', 'customers/cus_1/payment-method-links'];
  t.deepEqual(asked[0], [...path, { from: '2026-02-01T00:00:00.000Z' }]);
  t.deepEqual(asked[1], [...path, { from: '2026-02-15T00:00:00.000Z', invoiceId: 'inv_sub_1_2' }]);
});

test('where account is away, or knows the customer no more, the message goes without a link', async (t) => {
  const away = await startNotification(t, async () => {
    throw new Error('account is away');
  });
  const unknown = await startNotification(t, async () => undefined);
  for (const { service, told } of [away, unknown]) {
    await deliver(service, customerCreated(), cardExpiring());
    const [message] = await told();
    t.is(message?.template, 'card-expiring');
    t.false(message?.body?.includes('http'));
  }
});
