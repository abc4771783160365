import test, { type ExecutionContext } from 'ava';
import { defaultRetryPolicy } from '../../actors/subscription/rules/retry-policy.ts';
import { createNotificationService } from '../../services/notification/index.ts';
import { messageOf } from '../../services/notification/messages.ts';
import type { TemplateName } from '../../services/notification/templates.ts';
import type { CustomerResource } from '../../services/shared/contracts/customer-resource.ts';
import type { InvoiceResource } from '../../services/shared/contracts/invoice-resource.ts';
import type { MarqueeEvent } from '../../services/shared/events.ts';
import { callRoutes } from '../support/call-route.ts';
import { indexesReady, startDocuments } from '../support/documents.ts';
import { customerCreated, invoiceFinalised, january } from '../support/money-events.ts';
import { testPlatform } from '../support/platform.ts';
import { deliver } from '../support/service.ts';
import {
  basic,
  cancel,
  change,
  type declined,
  inArrears,
  pause,
  premium,
  resume,
  retryPayment,
  type Step,
  start,
  uncancel,
} from '../support/subscription-life.ts';
import { deliverBadly, publishedBy } from '../support/subscription-story.ts';

async function startNotification(t: ExecutionContext) {
  const documents = await startDocuments(t);
  const service = createNotificationService(testPlatform({ documents, published: [] }));
  await indexesReady(documents);
  await service.start?.();
  t.teardown(async () => service.stop?.());
  const ask = callRoutes(service.routes);
  const told = async (query = {}) => (await ask('get', '/v1/notifications', { query: { limit: '200', ...query } })).body.data;
  return { service, ask, told };
}

const began = [start(), '2026-01-15'] as const;
const tried = [start({ trialDays: 14 }), '2026-01-15'] as const;
const never = () => false;
const failsFrom = (day: string) => (at: string) => at < day;

const templatesOf = (events: readonly MarqueeEvent[]) => events.map(messageOf).flatMap((message) => message?.template ?? []);

const hears = test.macro({
  title: (_, what) => `a customer who ${what} hears of it`,
  exec: (t, _: string, steps: readonly Step[], until: string, pays: ((at: string) => boolean) | undefined, expected: readonly string[]) =>
    t.deepEqual(templatesOf(publishedBy(steps, until, pays)), expected),
});
test(hears, 'subscribes', [began], '2026-02-20', undefined, ['activated']);
test(hears, 'subscribes to what is billed in arrears', [[start({ terms: inArrears(basic) }), '2026-01-15']], '2026-01-20', undefined, [
  'activated',
]);
test(hears, 'never pays at first', [began], '2026-02-20', never, []);
test(hears, 'tries and stays', [tried], '2026-02-10', undefined, ['trial-started', 'activated']);
test(
  hears,
  'tries without a payment method',
  [[start({ trialDays: 14, hasPaymentMethod: false }), '2026-01-15']],
  '2026-02-10',
  undefined,
  ['trial-started', 'ended.trial'],
);
test(hears, 'upgrades', [began, [change(premium, { when: 'now' }), '2026-01-20']], '2026-01-21', undefined, ['activated', 'changed']);
test(hears, 'plans a change', [began, [change(premium, { when: 'period-end' }), '2026-01-20']], '2026-02-16', undefined, [
  'activated',
  'change-scheduled',
  'changed',
]);
test(hears, 'cancels and stays after all', [began, [cancel(), '2026-01-20'], [uncancel, '2026-01-21']], '2026-01-22', undefined, [
  'activated',
  'cancellation-scheduled',
  'cancellation-withdrawn',
]);
test(hears, 'cancels for good', [began, [cancel(), '2026-01-20']], '2026-02-20', undefined, [
  'activated',
  'cancellation-scheduled',
  'ended',
]);
test(hears, 'pauses at the period end', [began, [pause('period-end'), '2026-01-20'], [resume(), '2026-03-01']], '2026-03-02', undefined, [
  'activated',
  'pause-scheduled',
  'paused',
  'resumed',
]);
test(hears, 'pauses until a day', [began, [pause('now', { until: '2026-02-01T00:00:00.000Z' }), '2026-01-20']], '2026-02-02', undefined, [
  'activated',
  'paused.until',
  'resumed',
]);
test(hears, 'does not pay', [began], '2026-03-10', failsFrom('2026-02-15'), [
  'activated',
  'payment-failed.retry',
  'payment-failed.retry',
  'payment-failed.retry',
  'payment-failed.retry',
  'payment-failed.new-method',
  'suspended',
  'ended.payment-failed',
]);
test(
  hears,
  'does not pay and is reminded, while what an attempt told is told as ever',
  [[start({ policy: { ...defaultRetryPolicy, retryDays: [], reminders: [{ daysAfterFailure: 2, channels: ['email'] }] } }), '2026-01-15']],
  '2026-02-18',
  failsFrom('2026-02-15'),
  ['activated', 'payment-failed.new-method', 'payment-failed.new-method'],
);
test(hears, 'pays late', [began], '2026-02-17', (at) => at < '2026-02-15' || at >= '2026-02-16', ['activated', 'payment-failed.retry']);
test(
  hears,
  'pays after the suspension',
  [began, [retryPayment, '2026-02-25']],
  '2026-02-26',
  (at) => at < '2026-02-15' || at >= '2026-02-25',
  [
    'activated',
    'payment-failed.retry',
    'payment-failed.retry',
    'payment-failed.retry',
    'payment-failed.retry',
    'payment-failed.new-method',
    'suspended',
    'recovered',
  ],
);

const failing = (category: Parameters<typeof declined>[0]): readonly MarqueeEvent[] => {
  const story = publishedBy([began], '2026-02-15', failsFrom('2026-02-15'));
  return story.map((event) =>
    event.type === 'subscription.payment-failed'
      ? { ...event, data: { ...(event.data as object), category, ...(category !== 'soft' && { retryAt: null }) } }
      : event,
  );
};
const put = test.macro({
  title: (_, category) => `a ${category} decline is put as ${category} asks for`,
  exec: (t, category: Parameters<typeof declined>[0], expected: TemplateName) => t.is(templatesOf(failing(category)).at(-1), expected),
});
test(put, 'soft', 'payment-failed.retry');
test(put, 'hard', 'payment-failed.new-method');
test(put, 'no-payment-method', 'payment-failed.new-method');
test(put, 'expired-card', 'payment-failed.expired-card');
test(put, 'action-required', 'payment-failed.confirm');

const line = {
  kind: 'recurring',
  description: 'Premium',
  amount: 1799,
  discount: 0,
  quantity: 1,
  period: january,
  taxRate: '0',
  taxCategory: 'O',
  tax: 0,
  planId: null,
} as const;

function invoicePaid(changes: Partial<InvoiceResource> = {}): MarqueeEvent<InvoiceResource> {
  const event = invoiceFinalised({ status: 'paid', lines: [line], ...changes });
  return { ...event, id: `${event.subject}:2`, type: 'invoice.paid', sequence: 2 };
}

test('each paid invoice has one receipt, whatever paid it, and an open one or one over nothing has none', (t) => {
  const byCredit = { status: 'paid', total: 1799, creditApplied: 1799, amountDue: 0 } as const;
  const granted = { ...byCredit, total: 0, creditApplied: 0, creditGranted: 500 };
  t.deepEqual(templatesOf([invoiceFinalised(), invoicePaid()]), ['receipt']);
  t.deepEqual(templatesOf([invoiceFinalised(byCredit)]), ['receipt.credit']);
  t.deepEqual(templatesOf([invoiceFinalised({ creditApplied: 300 }), invoicePaid({ creditApplied: 300 })]), ['receipt.with-credit']);
  t.deepEqual(templatesOf([invoiceFinalised(granted)]), ['credit-granted']);
  t.deepEqual(templatesOf([invoiceFinalised({ status: 'paid', total: 0, amountDue: 0 })]), []);
});

test('a receipt is written in the words of its reader', async (t) => {
  const { service, told } = await startNotification(t);
  const readers = { cus_de: 'de-AT', cus_us: 'en-US', cus_fr: 'fr-CA', cus_es: 'es', cus_jp: 'ja-JP' };
  const paidBy = (customerId: string) => ({ ...invoicePaid({ id: `inv_${customerId}`, customerId }) });
  for (const [id, locale] of Object.entries(readers)) await deliver(service, customerCreated(id, { locale, timezone: 'UTC' }), paidBy(id));
  const subjects = Object.fromEntries(
    (await told()).map(({ customerId, subject }: Record<string, string>) => [customerId, subject?.replace(/[\u00a0\u202f]/g, ' ')]),
  );
  t.deepEqual(subjects, {
    cus_de: 'Ihr Beleg über € 17,99',
    cus_us: 'Your receipt for €17.99',
    cus_fr: 'Votre reçu de 17,99 €',
    cus_es: 'Su recibo de 17,99 €',
    cus_jp: 'Your receipt for €17.99',
  });
  const [american] = await told({ customerId: 'cus_us' });
  t.like(american, {
    id: 'ntf_inv_cus_us.2_email',
    channel: 'email',
    locale: 'en-US',
    state: 'stored',
    template: 'receipt',
    event: 'invoice.paid',
  });
  t.true(american.body.includes('We received your payment of €17.99 on January 31, 2026 for: Premium.'));
  t.true(american.body.includes('MQ-2026-000001'));
});

test('a plan is called by its name in the language of the reader', async (t) => {
  const { service, told } = await startNotification(t);
  const terms = { ...premium, plan: { ...premium.plan, name: { en: 'Premium', de: 'Premium Plus' } } };
  const german = publishedBy([[start({ terms }), '2026-01-15']], '2026-01-16');
  const spanish = publishedBy([[start({ id: 'sub_2', customerId: 'cus_2', terms }), '2026-01-15']], '2026-01-16');
  await deliver(service, customerCreated(), customerCreated('cus_2', { locale: 'es' }), ...german, ...spanish);
  t.is((await told({ customerId: 'cus_1' }))[0].subject, 'Willkommen bei Premium Plus');
  t.is((await told({ customerId: 'cus_2' }))[0].subject, 'Le damos la bienvenida a Premium');
});

const unpaid = () => publishedBy([began], '2026-03-10', failsFrom('2026-02-15'));

test('SMS tell of failing payments only, and only those who asked for them', async (t) => {
  const { service, told } = await startNotification(t);
  const preferences = { email: true, sms: true };
  await deliver(service, customerCreated('cus_1', { phone: '+491701234567', preferences }), ...unpaid());
  t.deepEqual(
    (await told({ channel: 'sms' })).map(({ template }: { template: string }) => template).toSorted(),
    ['payment-failed.new-method', ...Array(4).fill('payment-failed.retry'), 'suspended'].toSorted(),
  );
  const other = await startNotification(t);
  await deliver(other.service, customerCreated('cus_1', { phone: '+491701234567' }), ...unpaid());
  t.deepEqual(await other.told({ channel: 'sms' }), []);
  const noPhone = await startNotification(t);
  await deliver(noPhone.service, customerCreated('cus_1', { phone: null, preferences }), ...unpaid());
  t.deepEqual(await noPhone.told({ channel: 'sms' }), []);
});

test('who wants no mail is still mailed receipts, failed payments and the end', async (t) => {
  const { service, told } = await startNotification(t);
  await deliver(service, customerCreated('cus_1', { preferences: { email: false, sms: false } }), invoicePaid(), ...unpaid());
  const templates = async (state: string) =>
    [...new Set((await told({ state })).map(({ template }: { template: string }) => template))].toSorted();
  t.deepEqual(await templates('stored'), ['ended.payment-failed', 'payment-failed.new-method', 'payment-failed.retry', 'receipt']);
  t.deepEqual(await templates('suppressed'), ['activated', 'suspended']);
});

const changed = (sequence: number, messages: readonly object[]): MarqueeEvent => ({
  id: `dunning-policy:${sequence}`,
  type: 'dunning.policy-changed',
  subject: 'dunning-policy',
  sequence,
  time: '2026-01-01T00:00:00.000Z',
  customerId: '',
  testClock: null,
  data: { messages },
});

test('the dunning policy says how failing payments are told', async (t) => {
  const { service, told } = await startNotification(t);
  await deliver(service, changed(2, [{ event: 'suspended', channels: ['sms'] }]));
  await deliver(service, changed(1, [{ event: 'recovered', channels: ['email'] }]));
  const customer = customerCreated('cus_1', { phone: '+491701234567', preferences: { email: true, sms: true } });
  await deliver(service, customer, ...unpaid());
  const kinds = (await told()).map(({ template, channel }: Record<string, string>) => `${template} ${channel}`);
  t.deepEqual(kinds.toSorted(), ['activated email', 'ended.payment-failed email', 'suspended sms']);
});

test('a ladder tells each failed attempt by the channels of its rung, once, and says no more when it is paid', async (t) => {
  const { service, told } = await startNotification(t);
  const ladder = [
    { event: 'payment-failed', afterAttempt: 4, channels: ['email', 'sms'] },
    { event: 'payment-failed', channels: ['in-app'] },
    { event: 'payment-failed', afterAttempt: 3, channels: ['in-app', 'email'] },
  ];
  const customer = customerCreated('cus_1', { phone: '+491701234567', preferences: { email: true, sms: true }, locale: 'en' });
  const paidAtTheFifth = publishedBy([began], '2026-02-25', (at) => at < '2026-02-15' || at >= '2026-02-22');
  await deliver(service, changed(1, ladder), customer);
  await deliver(service, ...paidAtTheFifth);
  await deliver(service, ...paidAtTheFifth);
  const dunning = (await told()).filter(({ event }: { event: string }) => event === 'subscription.payment-failed').toReversed();
  t.deepEqual(dunning.map(({ createdAt = '', channel }: Record<string, string>) => `${createdAt.slice(5, 10)} ${channel}`).toSorted(), [
    '02-15 in-app',
    '02-16 in-app',
    '02-18 email',
    '02-18 in-app',
    '02-20 email',
    '02-20 sms',
  ]);
  const [shown] = await told({ channel: 'in-app' });
  t.like(shown, { state: 'stored', subject: 'Your payment for plan_basic did not go through' });
  t.regex(shown.body, /^Your payment for plan_basic did not go through\. We will try again on/);
});

test('repeats and any order of events tell each fact once', async (t) => {
  const events = [customerCreated(), ...unpaid(), invoiceFinalised(), invoicePaid()];
  const inOrder = await startNotification(t);
  await deliver(inOrder.service, ...events);
  await deliver(inOrder.service, ...events);
  const badly = await startNotification(t);
  await deliverBadly(t, badly.service, events);
  t.deepEqual(await badly.told(), await inOrder.told());
  t.is((await inOrder.told()).length, 9);
});

test('a customer or a plan that is not known yet makes the event come again', async (t) => {
  const { service, told } = await startNotification(t);
  await t.throwsAsync(deliver(service, invoicePaid()), { message: /customer cus_1 is not known yet/ });
  const [, ...withoutCreation] = publishedBy([began], '2026-01-16');
  await deliver(service, customerCreated());
  await t.throwsAsync(deliver(service, ...withoutCreation), { message: /plan plan_basic is not known yet/ });
  t.deepEqual(await told(), []);
});

test('an erased customer is told nothing more', async (t) => {
  const { service, told } = await startNotification(t);
  const erased = { ...customerCreated('cus_1', { email: '', name: '' } satisfies Partial<CustomerResource>, 2), type: 'customer.erased' };
  await deliver(service, customerCreated(), erased, invoicePaid());
  t.deepEqual(await told(), []);
});

test('messages keep no name, address or number of anybody', async (t) => {
  const { service, told } = await startNotification(t);
  const ada = { name: 'Ada Lovelace', email: 'ada@example.com', phone: '+491701234567', preferences: { email: true, sms: true } };
  await deliver(service, customerCreated('cus_1', ada), invoicePaid(), ...unpaid());
  const kept = JSON.stringify(await told());
  for (const personal of [ada.name, 'Ada', ada.email, ada.phone]) t.false(kept.includes(personal), personal);
});

test('the templates of an event are shown in the language that its reader gets', async (t) => {
  const { ask } = await startNotification(t);
  const shown = await ask('get', '/v1/notification-templates/subscription.payment-failed', { query: { locale: 'de-CH' } });
  t.is(shown.body.locale, 'de');
  t.is(shown.body.templates.length, 4);
  t.like(shown.body.templates[0], {
    name: 'payment-failed.retry',
    subject: 'Ihre Zahlung für {plan} ist fehlgeschlagen',
    placeholders: ['plan', 'retryDay'],
  });
  t.is((await ask('get', '/v1/notification-templates/subscription.changed')).body.templates[0].sms, null);
  t.like(await ask('get', '/v1/notification-templates/subscription.renewal-due'), {
    status: 404,
    body: { code: 'notification-template-not-found' },
  });
});
