import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bodyOf, type Client, clientWith, eventually } from '../support/api-client.ts';

/**
 * `npm run demo`: a year of one subscription against the running system, in seconds, printed as it
 * happens.
 */
type Invoice = {
  id: string;
  number: string;
  status: string;
  issuedAt: string;
  amountDue: number;
  total: number;
  creditApplied: number;
  currency: string;
  lines: Line[];
};
type Line = { kind: string; description: string; amount: number; period: { start: string; end: string } | null };

const clock = `tc_demo_${Date.now().toString(36)}`;
const tag = clock.slice('tc_demo_'.length);
const subscription = `sub_demo_${tag}`;
const customer = `cus_demo_${tag}`;

function connect(): Client {
  if (process.env.MARQUEE_URL && process.env.MARQUEE_API_KEY) return clientWith(process.env.MARQUEE_URL, process.env.MARQUEE_API_KEY);
  const file = join(process.env.MARQUEE_DATA_DIR ?? '.marquee', 'local.json');
  try {
    const { url, key } = JSON.parse(readFileSync(file, 'utf8')) as { url: string; key: string };
    return clientWith(url, key);
  } catch {
    console.error('Marquee does not run here: start it with npm start, or name it by MARQUEE_URL and MARQUEE_API_KEY.');
    process.exit(2);
  }
}

const client = connect();
const told = new Map<string, string>();
const money = (amount: number, currency: string) => new Intl.NumberFormat('en', { style: 'currency', currency }).format(amount / 100);
const date = (instant: string) => instant.slice(0, 10);

async function tellNews(): Promise<void> {
  const invoices = (bodyOf(await client.get(`/v1/invoices?subscriptionId=${subscription}&limit=200`)).data as Invoice[]).reverse();
  for (const invoice of invoices) {
    const news = `${invoice.status}`;
    if (told.get(invoice.id) === news) continue;
    const known = told.has(invoice.id);
    told.set(invoice.id, news);
    console.log(`    ${invoice.number}  ${date(invoice.issuedAt)}  due ${money(invoice.amountDue, invoice.currency)}  ${invoice.status}`);
    if (known) continue;
    for (const { description, amount, period, kind } of invoice.lines)
      console.log(
        `        ${kind.padEnd(9)} ${description.padEnd(10)} ${money(amount, invoice.currency).padStart(9)}  ${period ? `${date(period.start)} to ${date(period.end)}` : ''}`,
      );
  }
}

async function print(sentence: string): Promise<void> {
  const { status, dunning, currentPeriod } = bodyOf(await client.get(`/v1/subscriptions/${subscription}`));
  const retry = dunning?.nextRetryAt ? `, next try ${date(dunning.nextRetryAt)}` : '';
  console.log(
    `\n${sentence}\n    ${status}${currentPeriod ? `, period to ${date(currentPeriod.end)}` : ''}${dunning ? `, ${dunning.attempt} failed attempts${retry}` : ''}`,
  );
  await tellNews();
}

async function advance(to: string): Promise<void> {
  bodyOf(await client.post(`/v1/test-clocks/${clock}/advance`, { to }));
  await eventually(`the clock at ${to}`, async () => bodyOf(await client.get(`/v1/test-clocks/${clock}`)).status === 'ready', 120);
}

const command = async (verb: string, body: object) => bodyOf(await client.post(`/v1/subscriptions/${subscription}/${verb}`, body));

async function card(token: string): Promise<void> {
  const before = bodyOf(await client.get(`/v1/customers/${customer}/payment-methods`)).data as { id: string }[];
  bodyOf(await client.post(`/v1/customers/${customer}/payment-methods`, { gateway: 'simulated', token, default: true }));
  for (const { id } of before) bodyOf(await client.send('DELETE', `/v1/customers/${customer}/payment-methods/${id}`));
}

async function plan(name: string, amount: number): Promise<string> {
  const id = `plan_${name.toLowerCase()}_${tag}`;
  const prices = [{ currency: 'EUR', amount, interval: { unit: 'month', count: 1 } }];
  bodyOf(await client.post('/v1/plans', { id, name: { en: name }, trialDays: name === 'Basic' ? 14 : 0, prices, family: `demo_${tag}` }));
  return id;
}

const started = performance.now();
const [basic, premium] = [await plan('Basic', 999), await plan('Premium', 1799)];
bodyOf(await client.post('/v1/test-clocks', { id: clock, now: '2026-01-17T09:00:00Z' }));
const person = {
  id: customer,
  email: 'ada@example.com',
  name: 'Ada',
  locale: 'en',
  country: 'DE',
  currency: 'EUR',
  timezone: 'Europe/Berlin',
  testClock: clock,
};
bodyOf(await client.post('/v1/customers', person));
await card('tok_ok');
bodyOf(await client.post('/v1/subscriptions', { id: subscription, customerId: customer, planId: basic }));
await print('17 Jan: Ada starts Basic, with 14 days of trial.');
await advance('2026-01-31T12:00:00Z');
await print('31 Jan: the trial ends and the first charge is made.');
await advance('2026-04-15T10:00:00Z');
await print('15 Apr: three renewals later (the 31st falls on 28 Feb, and is back on 31 Mar).');
await command('change', { planId: premium });
await print('15 Apr: Ada changes to Premium now; every day of the rest of the period is accounted for.');
await advance('2026-06-15T10:00:00Z');
await card('tok_declined');
await print('15 Jun: two renewals on; her card will have no funds from now on.');
await advance('2026-07-04T12:00:00Z');
await print('4 Jul: the renewal of 30 Jun was declined, and the retries of 1 Jul and 3 Jul too.');
await card('tok_ok');
await print('4 Jul: a new card; the open invoice is settled at once.');
await advance('2026-08-15T10:00:00Z');
await card('tok_declined');
await advance('2026-09-08T12:00:00Z');
await print('8 Sep: declined since 31 Aug, five times; access is suspended, and so is billing of the blocked days.');
await card('tok_ok');
await print('8 Sep: paid; access is back, and the blocked day is credited.');
await advance('2026-11-10T10:00:00Z');
await command('cancel', { when: 'period-end', reason: 'too little time to watch' });
await print('10 Nov: Ada cancels for the end of the period.');
await advance('2027-01-17T09:00:00Z');
await print('17 Jan 2027: it ended, and nothing was billed since.');
console.log(`\nA year in ${((performance.now() - started) / 1000).toFixed(1)} seconds.`);
