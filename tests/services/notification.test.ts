import test, { type ExecutionContext } from 'ava';
import { defaultRetryPolicy } from '../../actors/subscription/rules/retry-policy.ts';
import { createNotificationService } from '../../services/notification/index.ts';
import { messageOf } from '../../services/notification/messages.ts';
import type { TemplateName } from '../../services/notification/templates.ts';
import type { EventData } from '../../services/shared/contracts/events.ts';
import type { InvoiceResource } from '../../services/shared/contracts/invoice-resource.ts';
import type { DeclineCategory } from '../../services/shared/contracts/payment-resource.ts';
import type { MarqueeEvent } from '../../services/shared/events.ts';
import { callRoutes } from '../support/call-route.ts';
import { indexesReady, startDocuments } from '../support/documents.ts';
import { customerCreated, customerErased, invoiceFinalised, january } from '../support/money-events.ts';
import { partialEvent } from '../support/partial-event.ts';
import { testPlatform } from '../support/platform.ts';
import { deliver } from '../support/service.ts';
import {
  basic,
  cancel,
  change,
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
  const callApi = callRoutes(service.routes);
  const notifications = async (query = {}) => (await callApi('get', '/v1/notifications', { query: { limit: '200', ...query } })).body.data;
  return { service, callApi, notifications };
}

const began = [start(), '2026-01-15'] as const;
const tried = [start({ trialDays: 14 }), '2026-01-15'] as const;
const never = () => false;
const failsFrom = (day: string) => (at: string) => at < day;

const templatesOf = (events: readonly MarqueeEvent[]) => events.map(messageOf).flatMap((message) => message?.template ?? []);

const isNotified = test.macro({
  title: (_, deed) => `a customer who ${deed} is notified`,
  exec: (t, _: string, steps: readonly Step[], until: string, pays: ((at: string) => boolean) | undefined, expected: readonly string[]) =>
    t.deepEqual(templatesOf(publishedBy(steps, until, pays)), expected),
});
test(isNotified, 'subscribes', [began], '2026-02-20', undefined, ['activated']);
test(isNotified, 'subscribes to a plan billed in arrears', [[start({ terms: inArrears(basic) }), '2026-01-15']], '2026-01-20', undefined, [
  'activated',
]);
test(isNotified, 'never makes the first payment', [began], '2026-02-20', never, []);
test(isNotified, 'keeps the subscription after the trial', [tried], '2026-02-10', undefined, ['trial-started', 'activated']);
test(
  isNotified,
  'starts a trial without a payment method',
  [[start({ trialDays: 14, hasPaymentMethod: false }), '2026-01-15']],
  '2026-02-10',
  undefined,
  ['trial-started', 'ended.trial'],
);
test(isNotified, 'upgrades', [began, [change(premium, { when: 'now' }), '2026-01-20']], '2026-01-21', undefined, ['activated', 'changed']);
test(isNotified, 'schedules a change', [began, [change(premium, { when: 'period-end' }), '2026-01-20']], '2026-02-16', undefined, [
  'activated',
  'change-scheduled',
  'changed',
]);
test(isNotified, 'withdraws a cancellation', [began, [cancel(), '2026-01-20'], [uncancel, '2026-01-21']], '2026-01-22', undefined, [
  'activated',
  'cancellation-scheduled',
  'cancellation-withdrawn',
]);
test(isNotified, 'cancels', [began, [cancel(), '2026-01-20']], '2026-02-20', undefined, ['activated', 'cancellation-scheduled', 'ended']);
test(
  isNotified,
  'pauses at the period end',
  [began, [pause('period-end'), '2026-01-20'], [resume(), '2026-03-01']],
  '2026-03-02',
  undefined,
  ['activated', 'pause-scheduled', 'paused', 'resumed'],
);
test(
  isNotified,
  'pauses until a day',
  [began, [pause('now', { until: '2026-02-01T00:00:00.000Z' }), '2026-01-20']],
  '2026-02-02',
  undefined,
  ['activated', 'paused.until', 'resumed'],
);
test(isNotified, 'does not pay', [began], '2026-03-10', failsFrom('2026-02-15'), [
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
  isNotified,
  'does not pay and is reminded in addition',
  [[start({ policy: { ...defaultRetryPolicy, retryDays: [], reminders: [{ daysAfterFailure: 2, channels: ['email'] }] } }), '2026-01-15']],
  '2026-02-18',
  failsFrom('2026-02-15'),
  ['activated', 'payment-failed.new-method', 'payment-failed.new-method'],
);
test(isNotified, 'pays late', [began], '2026-02-17', (at) => at < '2026-02-15' || at >= '2026-02-16', [
  'activated',
  'payment-failed.retry',
]);
test(
  isNotified,
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

const failing = (category: DeclineCategory): readonly MarqueeEvent[] => {
  const story = publishedBy([began], '2026-02-15', failsFrom('2026-02-15'));
  return story.map((event) =>
    event.type === 'subscription.payment-failed'
      ? { ...event, data: { ...event.data, category, ...(category !== 'soft' && { retryAt: null }) } }
      : event,
  );
};
const templateOf = test.macro({
  title: (_, category) => `a ${category} decline has a template with its own remedy`,
  exec: (t, category: DeclineCategory, expected: TemplateName) => t.is(templatesOf(failing(category)).at(-1), expected),
});
test(templateOf, 'soft', 'payment-failed.retry');
test(templateOf, 'hard', 'payment-failed.new-method');
test(templateOf, 'no-payment-method', 'payment-failed.new-method');
test(templateOf, 'expired-card', 'payment-failed.expired-card');
test(templateOf, 'action-required', 'payment-failed.confirm');

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

function invoicePaid(changes: Partial<InvoiceResource> = {}): MarqueeEvent<'invoice.*'> {
  const event = invoiceFinalised({ status: 'paid', lines: [line], ...changes });
  return { ...event, id: `${event.subject}:2`, type: 'invoice.paid', sequence: 2 };
}

test('each paid invoice has one receipt, whatever paid it, and an open invoice or one of zero has none', (t) => {
  const byCredit = { status: 'paid', total: 1799, creditApplied: 1799, amountDue: 0 } as const;
  const granted = { ...byCredit, total: 0, creditApplied: 0, creditGranted: 500 };
  t.deepEqual(templatesOf([invoiceFinalised(), invoicePaid()]), ['receipt']);
  t.deepEqual(templatesOf([invoiceFinalised(byCredit)]), ['receipt.credit']);
  t.deepEqual(templatesOf([invoiceFinalised({ creditApplied: 300 }), invoicePaid({ creditApplied: 300 })]), ['receipt.with-credit']);
  t.deepEqual(templatesOf([invoiceFinalised(granted)]), ['credit-granted']);
  t.deepEqual(templatesOf([invoiceFinalised({ status: 'paid', total: 0, amountDue: 0 })]), []);
});

test('a receipt is written in the language of its reader', async (t) => {
  const { service, notifications } = await startNotification(t);
  const readers = { cus_de: 'de-AT', cus_us: 'en-US', cus_fr: 'fr-CA', cus_es: 'es', cus_jp: 'ja-JP' };
  const paidBy = (customerId: string) => ({ ...invoicePaid({ id: `inv_${customerId}`, customerId }) });
  for (const [id, locale] of Object.entries(readers)) await deliver(service, customerCreated(id, { locale, timezone: 'UTC' }), paidBy(id));
  const subjects = Object.fromEntries(
    (await notifications()).map(({ customerId, subject }: Record<string, string>) => [
      customerId,
      subject?.replace(/[\u00a0\u202f]/g, ' '),
    ]),
  );
  t.deepEqual(subjects, {
    cus_de: 'Ihr Beleg über € 17,99',
    cus_us: 'Your receipt for €17.99',
    cus_fr: 'Votre reçu de 17,99 €',
    cus_es: 'Su recibo de 17,99 €',
    cus_jp: 'Your receipt for €17.99',
  });
  const [american] = await notifications({ customerId: 'cus_us' });
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

test('a plan has its name in the language of the reader', async (t) => {
  const { service, notifications } = await startNotification(t);
  const terms = { ...premium, plan: { ...premium.plan, name: { en: 'Premium', de: 'Premium Plus' } } };
  const german = publishedBy([[start({ terms }), '2026-01-15']], '2026-01-16');
  const spanish = publishedBy([[start({ id: 'sub_2', customerId: 'cus_2', terms }), '2026-01-15']], '2026-01-16');
  await deliver(service, customerCreated(), customerCreated('cus_2', { locale: 'es' }), ...german, ...spanish);
  t.is((await notifications({ customerId: 'cus_1' }))[0].subject, 'Willkommen bei Premium Plus');
  t.is((await notifications({ customerId: 'cus_2' }))[0].subject, 'Le damos la bienvenida a Premium');
});

const unpaid = () => publishedBy([began], '2026-03-10', failsFrom('2026-02-15'));

test('SMS are only about failed payments, and only for customers who opted in', async (t) => {
  const { service, notifications } = await startNotification(t);
  const preferences = { email: true, sms: true };
  await deliver(service, customerCreated('cus_1', { phone: '+491701234567', preferences }), ...unpaid());
  t.deepEqual(
    (await notifications({ channel: 'sms' })).map(({ template }: { template: string }) => template).toSorted(),
    ['payment-failed.new-method', ...Array(4).fill('payment-failed.retry'), 'suspended'].toSorted(),
  );
  const other = await startNotification(t);
  await deliver(other.service, customerCreated('cus_1', { phone: '+491701234567' }), ...unpaid());
  t.deepEqual(await other.notifications({ channel: 'sms' }), []);
  const noPhone = await startNotification(t);
  await deliver(noPhone.service, customerCreated('cus_1', { phone: null, preferences }), ...unpaid());
  t.deepEqual(await noPhone.notifications({ channel: 'sms' }), []);
});

test('customers without the e-mail preference still get receipts, failed payments and endings', async (t) => {
  const { service, notifications } = await startNotification(t);
  await deliver(service, customerCreated('cus_1', { preferences: { email: false, sms: false } }), invoicePaid(), ...unpaid());
  const templates = async (state: string) =>
    [...new Set((await notifications({ state })).map(({ template }: { template: string }) => template))].toSorted();
  t.deepEqual(await templates('stored'), ['ended.payment-failed', 'payment-failed.new-method', 'payment-failed.retry', 'receipt']);
  t.deepEqual(await templates('suppressed'), ['activated', 'suspended']);
});

type PolicyMessages = EventData<'dunning.policy-changed'>['messages'];

const policyChanged = (sequence: number, messages: PolicyMessages) =>
  partialEvent({ type: 'dunning.policy-changed', subject: 'dunning-policy', sequence, customerId: '', data: { messages } });

test('the dunning policy defines the channels of messages about failed payments', async (t) => {
  const { service, notifications } = await startNotification(t);
  await deliver(service, policyChanged(2, [{ event: 'suspended', channels: ['sms'] }]));
  await deliver(service, policyChanged(1, [{ event: 'recovered', channels: ['email'] }]));
  const customer = customerCreated('cus_1', { phone: '+491701234567', preferences: { email: true, sms: true } });
  await deliver(service, customer, ...unpaid());
  const kinds = (await notifications()).map(({ template, channel }: Record<string, string>) => `${template} ${channel}`);
  t.deepEqual(kinds.toSorted(), ['activated email', 'ended.payment-failed email', 'suspended sms']);
});

test('escalation steps choose the channels of each failed attempt, once, and end with the payment', async (t) => {
  const { service, notifications } = await startNotification(t);
  const steps: PolicyMessages = [
    { event: 'payment-failed', afterAttempt: 4, channels: ['email', 'sms'] },
    { event: 'payment-failed', channels: ['in-app'] },
    { event: 'payment-failed', afterAttempt: 3, channels: ['in-app', 'email'] },
  ];
  const customer = customerCreated('cus_1', { phone: '+491701234567', preferences: { email: true, sms: true }, locale: 'en' });
  const paidAtTheFifth = publishedBy([began], '2026-02-25', (at) => at < '2026-02-15' || at >= '2026-02-22');
  await deliver(service, policyChanged(1, steps), customer);
  await deliver(service, ...paidAtTheFifth);
  await deliver(service, ...paidAtTheFifth);
  const dunning = (await notifications()).filter(({ event }: { event: string }) => event === 'subscription.payment-failed').toReversed();
  t.deepEqual(dunning.map(({ createdAt = '', channel }: Record<string, string>) => `${createdAt.slice(5, 10)} ${channel}`).toSorted(), [
    '02-15 in-app',
    '02-16 in-app',
    '02-18 email',
    '02-18 in-app',
    '02-20 email',
    '02-20 sms',
  ]);
  const [inApp] = await notifications({ channel: 'in-app' });
  t.like(inApp, { state: 'stored', subject: 'Your payment for plan_basic did not go through' });
  t.regex(inApp.body, /^Your payment for plan_basic did not go through\. We will try again on/);
});

test('repeats and any order of events write each message once', async (t) => {
  const events = [customerCreated(), ...unpaid(), invoiceFinalised(), invoicePaid()];
  const inOrder = await startNotification(t);
  await deliver(inOrder.service, ...events);
  await deliver(inOrder.service, ...events);
  const disordered = await startNotification(t);
  await deliverBadly(t, disordered.service, events);
  t.deepEqual(await disordered.notifications(), await inOrder.notifications());
  t.is((await inOrder.notifications()).length, 9);
});

test('an event about a customer or a plan that is not known yet is delivered again', async (t) => {
  const { service, notifications } = await startNotification(t);
  await t.throwsAsync(deliver(service, invoicePaid()), { message: /customer cus_1 is not known to notification yet/ });
  const [, ...withoutCreation] = publishedBy([began], '2026-01-16');
  await deliver(service, customerCreated());
  await t.throwsAsync(deliver(service, ...withoutCreation), { message: /plan plan_basic is not known to notification yet/ });
  t.deepEqual(await notifications(), []);
});

test('an erased customer gets no more messages', async (t) => {
  const { service, notifications } = await startNotification(t);
  const erased = customerErased('cus_1', { email: '', name: '' }, 2);
  await deliver(service, customerCreated(), erased, invoicePaid());
  t.deepEqual(await notifications(), []);
});

test('messages contain no name, address or telephone number', async (t) => {
  const { service, notifications } = await startNotification(t);
  const ada = { name: 'Ada Lovelace', email: 'ada@example.com', phone: '+491701234567', preferences: { email: true, sms: true } };
  await deliver(service, customerCreated('cus_1', ada), invoicePaid(), ...unpaid());
  const stored = JSON.stringify(await notifications());
  for (const personal of [ada.name, 'Ada', ada.email, ada.phone]) t.false(stored.includes(personal), personal);
});

test('the templates of an event are returned in the language that its reader gets', async (t) => {
  const { callApi } = await startNotification(t);
  const shown = await callApi('get', '/v1/notification-templates/subscription.payment-failed', { query: { locale: 'de-CH' } });
  t.is(shown.body.locale, 'de');
  t.is(shown.body.templates.length, 4);
  t.like(shown.body.templates[0], {
    name: 'payment-failed.retry',
    subject: 'Ihre Zahlung für {plan} ist fehlgeschlagen',
    placeholders: ['plan', 'retryDay'],
  });
  t.is((await callApi('get', '/v1/notification-templates/subscription.changed')).body.templates[0].sms, null);
  t.like(await callApi('get', '/v1/notification-templates/subscription.renewal-due'), {
    status: 404,
    body: { code: 'notification-template-not-found' },
  });
});
