import { createHash } from 'node:crypto';
import test, { type ExecutionContext } from 'ava';
import { createAccountService } from '../../services/account/index.ts';
import { pageLanguages } from '../../services/account/update-card/translations.ts';
import type { MarqueeEvent } from '../../services/shared/events.ts';
import { callRoutes } from '../support/call-route.ts';
import { indexesReady, startDocuments } from '../support/documents.ts';
import { testPlatform } from '../support/platform.ts';
import { openPublicDoor } from '../support/public-door.ts';

const ada = { id: 'cus_ada', email: 'ada@example.com', name: 'Ada', country: 'DE', currency: 'EUR', locale: 'en' };
const linkPath = '/v1/customers/cus_ada/payment-method-links';
const html = { accept: 'text/html' };

/**
 * An account service at a real door with a customer, a clock that the test sets, and the responses
 * of Stripe.
 */
async function startAccount(t: ExecutionContext, { locale = 'en' } = {}) {
  const clock = { now: '2026-01-01T00:00:00.000Z' };
  const stripe = { isUnavailable: false };
  const published: MarqueeEvent[] = [];
  const platform = testPlatform({
    documents: await startDocuments(t),
    published,
    now: () => clock.now,
    invoke: async (_, __, path, sent) => {
      if (path === 'test-clocks/tc_1') return { id: 'tc_1', now: '2031-05-05T00:00:00.000Z' };
      if (path === 'customers/cus_ada/hosted-page')
        return { url: stripe.isUnavailable ? null : `https://checkout.stripe.com/${JSON.stringify(sent)}` };
      if (path === 'hosted-methods') return { token: (sent as { session: string }).session === 'cs_given' ? 'pm_given' : null };
      const { token } = (sent ?? {}) as { token?: string };
      if (token === 'pm_detached') return { kind: 'refused', code: 'payment-method-detached' };
      return { kind: 'verified', method: { token, type: 'card', card: null } };
    },
    config: { publicUrl: 'https://billing.example.com' },
  });
  const service = createAccountService(platform);
  await indexesReady(platform.documents);
  const callApi = callRoutes(service.routes);
  await callApi('post', '/v1/customers', { body: { ...ada, locale } });
  const { url: door, close } = await openPublicDoor(service, platform.documents);
  t.teardown(close);
  const link = async (body: object = {}) => {
    const { url } = (await callApi('post', linkPath, { body })).body;
    return url.replace('https://billing.example.com', door) as string;
  };
  const methods = async () => (await callApi('get', '/v1/customers/cus_ada/payment-methods')).body.data;
  return { clock, stripe, published, platform, callApi, inside: callRoutes(service.internal ?? []), door, link, methods };
}

const sendJson = (url: string, token: string) =>
  fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ token }) });
const sendForm = (url: string, token: string) => fetch(url, { method: 'POST', body: new URLSearchParams({ token }) });
const codeOf = async (response: Response) => [response.status, ((await response.json()) as { code: string }).code];

test('a link has an expiry, after 7 days unless the request says otherwise', async (t) => {
  const { callApi } = await startAccount(t);
  const { status, body } = await callApi('post', linkPath, { body: {} });
  t.is(status, 201);
  t.is(body.expiresAt, '2026-01-08T00:00:00.000Z');
  t.regex(body.url, /^https:\/\/billing\.example\.com\/v1\/update-card\/[\w-]+\.[\w-]{43}$/);
  t.is((await callApi('post', linkPath, { body: { ttlHours: 1 } })).body.expiresAt, '2026-01-01T01:00:00.000Z');
  t.is((await callApi('post', linkPath, { body: { ttlHours: 0 } })).status, 422);
  t.is((await callApi('post', linkPath, { body: { invoiceId: 'sub_1' } })).status, 422);
  t.is((await callApi('post', '/v1/customers/cus_none/payment-method-links', { body: {} })).status, 404);
});

test('the page needs no access token, loads nothing, and reveals the link to no other site', async (t) => {
  const { callApi, link } = await startAccount(t);
  await callApi('post', '/v1/customers/cus_ada/payment-methods', { body: { gateway: 'simulated', token: 'tok_expired' } });
  const page = await fetch(await link());
  t.is(page.status, 200);
  t.is(page.headers.get('content-type'), 'text/html; charset=utf-8');
  t.regex(
    String(page.headers.get('content-security-policy')),
    /^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self' https:\/\/checkout\.stripe\.com; /,
  );
  t.is(page.headers.get('referrer-policy'), 'no-referrer');
  t.is(page.headers.get('cache-control'), 'no-store');
  const text = await page.text();
  const style = /<style>(.*)<\/style>/s.exec(text)?.[1] ?? '';
  const digest = createHash('sha256').update(style).digest('base64');
  t.true(page.headers.get('content-security-policy')?.includes(`style-src 'sha256-${digest}'`));
  t.regex(text, /<html lang="en" dir="ltr">/);
  t.regex(text, /<label for="token">/);
  t.regex(text, /<bdi>visa<\/bdi> ending in <bdi>\d{4}<\/bdi>/);
  t.notRegex(text, /src=|href=|<script|tok_expired/);
});

test('the page is in the language of the customer, in the direction of its script', async (t) => {
  const arabic = await startAccount(t, { locale: 'ar-EG' });
  t.regex(await (await fetch(await arabic.link())).text(), /<html lang="ar" dir="rtl">.*<h1>تحديث بطاقتك<\/h1>/s);
  const untranslated = await startAccount(t, { locale: 'fi' });
  t.regex(await (await fetch(await untranslated.link())).text(), /<html lang="en" dir="ltr">/);
  t.true(pageLanguages.length >= 12);
});

test('a card from the app or from the form becomes the default, and is published once', async (t) => {
  const { callApi, link, methods, published } = await startAccount(t);
  await callApi('post', '/v1/customers/cus_ada/payment-methods', { body: { id: 'pm_old', gateway: 'simulated', token: 'tok_expired' } });

  const byApp = await sendJson(await link({ invoiceId: 'inv_sub_1_2' }), 'tok_ok');
  t.is(byApp.status, 200);
  t.like(await byApp.json(), { customerId: 'cus_ada', gateway: 'simulated', token: 'tok_ok', default: true });

  const byForm = await sendForm(await link(), 'tok_3ds');
  t.is(byForm.status, 200);
  t.regex(await byForm.text(), /<h1>Thank you<\/h1>/);

  t.deepEqual(
    (await methods()).map(({ token, default: isDefault }: { token: string; default: boolean }) => [token, isDefault]),
    [
      ['tok_3ds', true],
      ['tok_ok', false],
      ['tok_expired', false],
    ],
  );
  t.is(published.filter(({ type }) => type === 'customer.payment-method-added').length, 3);
});

test('a link of a real gateway redirects to its own page, and the card entered there becomes the default', async (t) => {
  const { link, methods } = await startAccount(t);
  const url = await link({ gateway: 'stripe' });

  const page = await fetch(url, { headers: html });
  const text = await page.text();
  t.notRegex(text, /<input/, 'the page has no field for a card number or a token');
  const action = /<form method="post" action="([^"]+)"/.exec(text)?.[1] ?? '';
  const onward = await fetch(new URL(action, url), { method: 'POST', redirect: 'manual' });

  t.is(onward.status, 303);
  const [, sent = ''] = decodeURIComponent(String(onward.headers.get('location'))).split('https://checkout.stripe.com/');
  const back = url.replace(/^.*?\/v1/, 'https://billing.example.com/v1');
  t.deepEqual(JSON.parse(sent), { currency: 'EUR', gateway: 'stripe', returnUrl: `${back}/return`, cancelUrl: back });
  for (let times = 0; times < 2; times += 1) {
    const done = await fetch(`${url}/return?session=cs_given`);
    t.is(done.status, 200);
    t.regex(await done.text(), /Your new card is saved/);
  }
  t.like(await methods(), { length: 1, 0: { token: undefined, gateway: 'stripe', default: true } });
});

test('without a page of the gateway, or a card entered there, nothing is added and the link can be used again', async (t) => {
  const { link, methods, stripe } = await startAccount(t);
  const url = await link({ gateway: 'stripe' });
  stripe.isUnavailable = true;

  for (const response of [await fetch(`${url}/hosted`, { method: 'POST' }), await fetch(`${url}/return?session=cs_nothing`)]) {
    t.is(response.status, 503);
    t.regex(await response.text(), /role="alert">We could not save your card just now/);
  }
  t.deepEqual(await methods(), []);
  t.is((await fetch(`${url}x/return?session=cs_given`)).status, 404);
  t.is((await fetch(`${url}/return?session=cs_given`)).status, 200);
});

test('a link works for one card: the same card again gets the same response, another one is refused', async (t) => {
  const { callApi, link, methods } = await startAccount(t);
  const url = await link();
  const first = await (await sendJson(url, 'tok_ok')).json();
  t.deepEqual(await (await sendJson(url, 'tok_ok')).json(), first);
  t.deepEqual(await codeOf(await sendJson(url, 'tok_3ds')), [410, 'card-link-used']);
  t.deepEqual(await codeOf(await fetch(url)), [410, 'card-link-used']);
  const page = await fetch(url, { headers: html });
  t.is(page.status, 410);
  t.regex(await page.text(), /role="alert">This link has already been used/);
  t.is((await methods()).length, 1);

  await callApi('delete', `/v1/customers/cus_ada/payment-methods/${(await methods())[0].id}`);
  t.deepEqual(await codeOf(await sendJson(url, 'tok_ok')), [410, 'card-link-used']);
  t.deepEqual(await methods(), []);
});

test('when one link is used with different cards at the same time, one is added', async (t) => {
  const { link, methods } = await startAccount(t);
  const url = await link();
  const responses = await Promise.all(Array.from({ length: 8 }, (_, card) => sendJson(url, `tok_ok_${card}`)));
  t.deepEqual(responses.map(({ status }) => status).sort(), [200, ...Array(7).fill(410)]);
  t.is((await methods()).length, 1);
});

test('an expired link adds nothing', async (t) => {
  const { clock, link, methods } = await startAccount(t);
  const url = await link({ ttlHours: 1 });
  clock.now = '2026-01-01T00:59:59.999Z';
  t.is((await fetch(url)).status, 200);
  clock.now = '2026-01-01T01:00:00.000Z';
  t.deepEqual(await codeOf(await fetch(url)), [410, 'card-link-expired']);
  t.deepEqual(await codeOf(await sendJson(url, 'tok_ok')), [410, 'card-link-expired']);
  t.is((await sendForm(url, 'tok_ok')).status, 410);
  t.deepEqual(await methods(), []);
});

test('a forged link is not found, whatever part of it was changed', async (t) => {
  const { door, link, methods, platform } = await startAccount(t);
  const url = await link();
  const [content = '', signature = ''] = url.slice(url.lastIndexOf('/') + 1).split('.');
  const longer = { ...JSON.parse(Buffer.from(content, 'base64url').toString()), expiresAt: '2099-01-01T00:00:00.000Z' };
  const forged = [
    `${Buffer.from(JSON.stringify(longer)).toString('base64url')}.${signature}`,
    `${content}.${signature.slice(0, -1)}`,
    `${content}.${'A'.repeat(43)}`,
    `${content}.${signature}.${signature}`,
    content,
    'x',
  ];
  for (const token of forged) {
    t.deepEqual(await codeOf(await fetch(`${door}/v1/update-card/${token}`)), [404, 'card-link-not-found']);
    t.deepEqual(await codeOf(await sendJson(`${door}/v1/update-card/${token}`, 'tok_ok')), [404, 'card-link-not-found']);
  }
  t.is((await sendForm(`${door}/v1/update-card/x`, 'tok_ok')).status, 404);
  t.deepEqual(await methods(), []);
  t.is(await platform.documents.collection('account_card_link_uses').countDocuments(), 0);
});

test('after a card that the gateway refuses, the link can be used again', async (t) => {
  const { link, methods } = await startAccount(t);
  const url = await link({ gateway: 'stripe' });
  t.deepEqual(await codeOf(await sendJson(url, 'pm_detached')), [422, 'payment-method-detached']);
  const page = await sendForm(url, 'pm_detached');
  t.is(page.status, 422);
  t.regex(await page.text(), /role="alert">This card cannot be used.*<form method="post"/s);
  t.is((await sendForm(url, 'pm_good')).status, 200);
  t.like(await methods(), [{ gateway: 'stripe' }]);
});

test('the holder of a link cannot choose another gateway or send an invalid token', async (t) => {
  const { link, methods } = await startAccount(t);
  const url = await link({ gateway: 'stripe' });
  const body = new URLSearchParams({ token: 'tok_ok', gateway: 'simulated' });
  t.is((await fetch(url, { method: 'POST', body })).status, 422);
  t.is((await sendJson(url, 'with space')).status, 422);
  t.is((await fetch(url, { method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'tok_ok' })).status, 415);
  t.deepEqual(await methods(), []);
});

test('the link of an erased customer is not found, and no new one can be created', async (t) => {
  const { callApi, link } = await startAccount(t);
  const url = await link();
  await callApi('delete', '/v1/customers/cus_ada');
  t.deepEqual(await codeOf(await fetch(url)), [404, 'card-link-not-found']);
  t.like(await callApi('post', linkPath, { body: {} }), { status: 409, body: { code: 'customer-erased' } });
});

test('the link of a customer on a test clock expires by that clock, or counts from a later event', async (t) => {
  const { callApi, inside } = await startAccount(t);
  await callApi('post', '/v1/customers', { body: { ...ada, id: 'cus_clock', testClock: 'tc_1' } });
  const link = await callApi('post', '/v1/customers/cus_clock/payment-method-links', { body: {} });
  t.is(link.body.expiresAt, '2031-05-12T00:00:00.000Z');
  const sent = async (from: string) =>
    (await inside('post', '/customers/cus_clock/payment-method-links', { body: { from } })).body.expiresAt;
  t.is(await sent('2031-06-01T00:00:00.000Z'), '2031-06-08T00:00:00.000Z');
  t.is(await sent('2031-01-01T00:00:00.000Z'), '2031-05-12T00:00:00.000Z');
});
