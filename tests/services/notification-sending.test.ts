import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import type { Connection } from 'mongoose';
import { mostAttempts, retryMillis } from '../../services/notification/delivery.ts';
import { createEmailSender } from '../../services/notification/email-sender.ts';
import { type Connect, notificationService } from '../../services/notification/index.ts';
import type { Send, SendOutcome } from '../../services/notification/sender.ts';
import { createSmsSender } from '../../services/notification/sms-sender.ts';
import type { MarqueeEvent } from '../../services/shared/events.ts';
import { connectDocuments } from '../../services/shared/mongo.ts';
import { plusMillis } from '../../services/shared/time.ts';
import { callRoutes } from '../support/call-route.ts';
import { indexesReady, startDocuments } from '../support/documents.ts';
import { customerCreated, customerErased, invoiceFinalised } from '../support/money-events.ts';
import { testPlatform } from '../support/platform.ts';
import { deliver } from '../support/service.ts';
import { start } from '../support/subscription-life.ts';
import { publishedBy } from '../support/subscription-story.ts';

type ProviderRequest = { readonly method: string; readonly path: string; readonly authorization: string; readonly body: string };

/**
 * A provider on a free port that records requests and responds with these statuses, then always the
 * last.
 */
async function startProvider(t: ExecutionContext, statuses: readonly number[], responseBody: object = {}) {
  const requests: ProviderRequest[] = [];
  const server = createServer(async (request, response) => {
    const body = await textOf(request);
    const status = statuses[Math.min(requests.length, statuses.length - 1)] as number;
    requests.push({ method: request.method ?? '', path: request.url ?? '', authorization: request.headers.authorization ?? '', body });
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(responseBody));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return { requests, baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}

async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  for (const deadline = Date.now() + 20_000; !(await condition()); await pause(10))
    if (Date.now() > deadline) throw new Error('it did not happen within 20 seconds');
}

type Clock = { now: string };

/** A connection like that of another process. */
async function anotherConnection(t: ExecutionContext, { host, port, name }: Connection): Promise<Connection> {
  const connection = await connectDocuments(`mongodb://${host}:${port}/${name}`);
  t.teardown(() => connection.close());
  return connection;
}

async function startSending(t: ExecutionContext, connect: Connect, { documents, clock }: { documents?: Connection; clock?: Clock } = {}) {
  const connection = documents ? await anotherConnection(t, documents) : await startDocuments(t);
  const platform = testPlatform({ documents: connection, published: [], ...(clock && { now: () => clock.now }) });
  const service = notificationService(platform, connect);
  await indexesReady(connection);
  await service.start?.();
  t.teardown(async () => service.stop?.());
  const ask = callRoutes(service.routes);
  const notifications = async (query = {}) => (await ask('get', '/v1/notifications', { query })).body.data;
  const settled = async (state: string, count = 1) => until(async () => (await notifications({ state })).length === count);
  return { service, notifications, settled };
}

const receiptFor = (number: number, customerId = 'cus_1'): MarqueeEvent => {
  const event = invoiceFinalised({ id: `inv_${number}`, customerId, status: 'paid', total: 1799 });
  return { ...event, id: `inv_${number}:2`, type: 'invoice.paid', sequence: 2 };
};

test.serial('an e-mail is sent to SendGrid with the text that was stored', async (t) => {
  const { requests, baseUrl } = await startProvider(t, [202]);
  const { service, settled, notifications } = await startSending(t, {
    email: async () => createEmailSender({ key: 'SG.test', from: 'billing@example.com', baseUrl }),
  });
  await deliver(service, customerCreated('cus_1', { locale: 'en-GB' }), receiptFor(1));
  await settled('sent');
  t.is(requests.length, 1);
  t.like(requests[0], { method: 'POST', path: '/v3/mail/send', authorization: 'Bearer SG.test' });
  const [message] = await notifications();
  t.like(JSON.parse(requests[0]?.body ?? ''), {
    from: { email: 'billing@example.com' },
    subject: message.subject,
    content: [{ type: 'text/plain', value: message.body }],
    personalizations: [{ to: [{ email: 'cus_1@example.com' }] }],
    custom_args: { notification: message.id },
  });
  t.like(message, { attempts: 1, state: 'sent' });
  t.truthy(message.sentAt);
});

test('an SMS is sent to Twilio', async (t) => {
  const { requests, baseUrl } = await startProvider(t, [201], { sid: 'SM1' });
  const { service, settled, notifications } = await startSending(t, {
    sms: async () => createSmsSender({ account: 'AC1', token: 'secret', from: '+15005550006', baseUrl }),
  });
  const customer = customerCreated('cus_1', { locale: 'en', phone: '+491701234567', preferences: { email: true, sms: true } });
  await deliver(service, customer, ...publishedBy([[start(), '2026-01-15']], '2026-02-15', (at) => at < '2026-02-15'));
  await settled('sent');
  t.is(requests.length, 1);
  t.like(requests[0], {
    method: 'POST',
    path: '/2010-04-01/Accounts/AC1/Messages.json',
    authorization: `Basic ${Buffer.from('AC1:secret').toString('base64')}`,
  });
  const form = Object.fromEntries(new URLSearchParams(requests[0]?.body));
  const [message] = await notifications({ channel: 'sms' });
  t.deepEqual(form, { From: '+15005550006', To: '+491701234567', Body: message.body });
  t.true((await notifications({ channel: 'email' })).every(({ state }: { state: string }) => state === 'stored'));
});

const outcome = test.macro({
  title: (_, provider, status, expected) => `the status ${status} of ${provider} is ${expected}`,
  exec: async (t, provider: 'sendgrid' | 'twilio', status: number, expected: SendOutcome['outcome']) => {
    const { baseUrl } = await startProvider(t, [status], { status, message: 'no', code: 21211 });
    const send: Send =
      provider === 'sendgrid'
        ? createEmailSender({ key: 'SG.test', from: 'billing@example.com', baseUrl })
        : createSmsSender({ account: 'AC1', token: 'secret', from: '+15005550006', baseUrl });
    t.is(
      (await send({ id: 'ntf_1', to: provider === 'sendgrid' ? 'ada@example.com' : '+491701234567', subject: 'a', body: 'b' })).outcome,
      expected,
    );
  },
});
for (const [status, expected] of [
  [400, 'refused'],
  [401, 'refused'],
  [429, 'unavailable'],
  [500, 'unavailable'],
  [503, 'unavailable'],
] as const) {
  test.serial(outcome, 'sendgrid', status, expected);
  test.serial(outcome, 'twilio', status, expected);
}

test.serial('a provider that does not respond is unavailable', async (t) => {
  const baseUrl = 'http://127.0.0.1:1';
  const message = { id: 'ntf_1', to: '+491701234567', subject: 'a', body: 'b' };
  t.is((await createSmsSender({ account: 'AC1', token: 'secret', from: '+15005550006', baseUrl })(message)).outcome, 'unavailable');
  const mail = createEmailSender({ key: 'SG.test', from: 'billing@example.com', baseUrl });
  t.is((await mail({ ...message, to: 'ada@example.com' })).outcome, 'unavailable');
});

/**
 * A sender with these outcomes for the first receipt, the last one repeated; it accepts all others.
 */
function scripted(...outcomes: readonly SendOutcome['outcome'][]) {
  const sent: string[] = [];
  const firstTried = () => sent.filter((id) => id === 'ntf_inv_1.2_email').length;
  const send: Send = async ({ id }) => {
    const next = id === 'ntf_inv_1.2_email' ? outcomes[Math.min(firstTried(), outcomes.length - 1)] : 'sent';
    sent.push(id);
    return next === 'sent' || next === undefined ? { outcome: 'sent' } : { outcome: next, reason: 'scripted' };
  };
  return { sent, firstTried, connect: { email: async () => send } };
}

test('an unavailable provider is retried at growing intervals until it accepts the message', async (t) => {
  const clock = { now: '2026-01-31T12:00:00.000Z' };
  const { firstTried, connect } = scripted('unavailable', 'unavailable', 'sent');
  const { service, settled, notifications } = await startSending(t, connect, { clock });
  await deliver(service, customerCreated(), receiptFor(1));
  for (const attempts of [1, 2]) {
    await until(async () => (await notifications({ state: 'stored' }))[0]?.attempts === attempts);
    clock.now = plusMillis(clock.now, retryMillis(attempts) - 1);
    await deliver(service, receiptFor(attempts * 10));
    await settled('sent', attempts * 2 - 1);
    t.is(firstTried(), attempts, 'no retry before its time');
    clock.now = plusMillis(clock.now, 1);
    await deliver(service, receiptFor(attempts * 10 + 1));
    await until(() => firstTried() === attempts + 1);
    await settled('sent', attempts === 1 ? 2 : 5);
  }
  t.deepEqual([retryMillis(1), retryMillis(2)], [60_000, 240_000]);
});

test('a message that the provider refuses is not retried', async (t) => {
  const { sent, connect } = scripted('refused', 'sent');
  const { service, settled, notifications } = await startSending(t, connect);
  await deliver(service, customerCreated(), receiptFor(1));
  await settled('failed');
  await deliver(service, receiptFor(2));
  await settled('sent');
  t.deepEqual(sent, ['ntf_inv_1.2_email', 'ntf_inv_2.2_email']);
  t.is((await notifications({ state: 'failed' }))[0].attempts, 1);
});

test('a message is tried at most six times', async (t) => {
  const clock = { now: '2026-01-31T12:00:00.000Z' };
  const { firstTried, connect } = scripted('unavailable');
  const { service, settled } = await startSending(t, connect, { clock });
  await deliver(service, customerCreated(), receiptFor(1));
  for (let attempts = 1; attempts < mostAttempts; attempts += 1) {
    await until(() => firstTried() === attempts);
    clock.now = plusMillis(clock.now, retryMillis(attempts));
    await deliver(service, receiptFor(1 + attempts));
  }
  await settled('failed');
  t.is(firstTried(), mostAttempts);
});

test('two processes send a message once', async (t) => {
  const documents = await startDocuments(t);
  const { sent, connect } = scripted('sent');
  const written = await startSending(t, {}, { documents });
  await deliver(written.service, customerCreated());
  const one = await startSending(t, connect, { documents });
  const other = await startSending(t, connect, { documents });
  const receipts = Array.from({ length: 40 }, (_, index) => receiptFor(index + 1));
  await Promise.all([one, other].map(({ service }) => deliver(service, ...receipts)));
  await until(async () => (await one.notifications({ state: 'sent', limit: '200' })).length === 40);
  t.is(sent.length, 40);
  t.is(new Set(sent).size, 40);
});

test('a message of a process that died is sent by the next one', async (t) => {
  const documents = await startDocuments(t);
  const clock = { now: '2026-01-31T12:00:00.000Z' };
  const never: Send = () => new Promise(() => {});
  const dying = notificationService(testPlatform({ documents, published: [], now: () => clock.now }), { email: async () => never });
  await indexesReady(documents);
  await dying.start?.();
  await deliver(dying, customerCreated(), receiptFor(1));
  const { sent, connect } = scripted('sent');
  const early = await startSending(t, connect, { documents, clock });
  await until(async () => (await early.notifications())[0].attempts === 1);
  t.deepEqual(sent, []);
  clock.now = plusMillis(clock.now, 60_000);
  const { settled } = await startSending(t, connect, { documents, clock });
  await settled('sent');
  t.deepEqual(sent, ['ntf_inv_1.2_email']);
});

test('messages of customers on a test clock, or written while e-mail was off, are never sent', async (t) => {
  const documents = await startDocuments(t);
  const off = await startSending(t, {}, { documents });
  await deliver(off.service, customerCreated(), receiptFor(1));
  const { sent, connect } = scripted('sent');
  const { service, settled } = await startSending(t, connect, { documents });
  await deliver(service, { ...receiptFor(2), testClock: 'tc_1' });
  await deliver(service, receiptFor(3));
  await settled('sent');
  t.deepEqual(sent, ['ntf_inv_3.2_email']);
});

test('a customer who was erased before the retry gets no message', async (t) => {
  const clock = { now: '2026-01-31T12:00:00.000Z' };
  const { sent, connect } = scripted('unavailable', 'sent');
  const { service, settled } = await startSending(t, connect, { clock });
  await deliver(service, customerCreated(), customerCreated('cus_2'), receiptFor(1));
  await until(() => sent.length === 1);
  await deliver(service, customerErased('cus_1', { email: '' }, 2));
  clock.now = plusMillis(clock.now, retryMillis(1));
  await deliver(service, receiptFor(2, 'cus_2'));
  await settled('failed');
  await settled('sent');
  t.deepEqual(sent, ['ntf_inv_1.2_email', 'ntf_inv_2.2_email']);
});
