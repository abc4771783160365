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
  const invoked: unknown[] = [];
  const recordingInvoke: Invoke = async (service, method, path, body) => {
    invoked.push([service, method, path, body]);
    return { url };
  };
  const service = createNotificationService(testPlatform({ documents, published: [], invoke: invoke ?? recordingInvoke }));
  await indexesReady(documents);
  const ask = callRoutes(service.routes);
  const notifications = async (): Promise<Record<string, string>[]> =>
    (await ask('get', '/v1/notifications', { query: { limit: '200', channel: 'email' } })).body.data;
  return { service, invoked, notifications };
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

test('a customer whose card expires is notified once, with its last day and the next renewal', async (t) => {
  const { service, notifications } = await startNotification(t);
  await deliver(service, customerCreated(), customerCreated('cus_2', { locale: 'en', timezone: 'America/Los_Angeles' }));
  await deliver(service, cardExpiring(), cardExpiring('cus_2'));
  await deliver(service, cardExpiring());
  const messages = await notifications();
  t.is(messages.length, 2);
  const of = (customer: string) => messages.find(({ customerId }) => customerId === customer);
  t.like(of('cus_1'), { template: 'card-expiring', subject: 'Ihre Karte mit den Endziffern 4242 läuft bald ab', state: 'stored' });
  t.regex(String(of('cus_1')?.body), /ist bis zum 28\. Februar 2026 gültig, und Ihr Abonnement verlängert sich am 15\. Februar 2026\./);
  t.regex(String(of('cus_2')?.body), /is valid until February 28, 2026, and your subscription renews on February 14, 2026\./);
});

test('a message about a problem that a new card solves has a link, for its invoice if there is one', async (t) => {
  const { service, invoked, notifications } = await startNotification(t);
  await deliver(service, customerCreated(), cardExpiring(), ...unpaid());
  const linked = (await notifications()).filter(({ body = '' }) => body.endsWith(`: ${url}`)).map(({ template }) => template);
  t.deepEqual([...new Set(linked)].toSorted(), ['card-expiring', 'payment-failed.new-method', 'payment-failed.retry', 'suspended']);
  const others = (await notifications()).filter(({ body = '' }) => !body.includes(url)).map(({ template }) => template);
  t.deepEqual(others.toSorted(), ['activated', 'ended.payment-failed']);
  const path = ['account', 'post', 'customers/cus_1/payment-method-links'];
  t.deepEqual(invoked[0], [...path, { from: '2026-02-01T00:00:00.000Z' }]);
  t.deepEqual(invoked[1], [...path, { from: '2026-02-15T00:00:00.000Z', invoiceId: 'inv_sub_1_2' }]);
});

test('without the account service, or for an unknown customer, a message has no link', async (t) => {
  const unavailable = await startNotification(t, async () => {
    throw new Error('account is unavailable');
  });
  const unknown = await startNotification(t, async () => undefined);
  for (const { service, notifications } of [unavailable, unknown]) {
    await deliver(service, customerCreated(), cardExpiring());
    const [message] = await notifications();
    t.is(message?.template, 'card-expiring');
    t.false(message?.body?.includes('http'));
  }
});
