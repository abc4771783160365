// A year of one subscription in seconds: npx node examples/test-clock-year/main.ts
import { setTimeout as pause } from 'node:timers/promises';
import { connect } from '../marquee.ts';

type Line = {
  readonly description: string;
  readonly amount: number;
  readonly period: { readonly start: string; readonly end: string } | null;
};
type Invoice = {
  readonly number: string;
  readonly status: string;
  readonly issuedAt: string;
  readonly total: number;
  readonly currency: string;
  readonly lines: readonly Line[];
};

const marquee = connect();
/** The client chooses ids; this part makes those of one run unique. */
const run = Date.now().toString(36);

const money = (amount: number, currency: string) => new Intl.NumberFormat('en', { style: 'currency', currency }).format(amount / 100);
const day = (instant: string) => instant.slice(0, 10);

async function createPlan(name: string, amount: number): Promise<string> {
  const id = `plan_${name.toLowerCase()}_${run}`;
  const prices = [{ currency: 'EUR', amount, interval: { unit: 'month', count: 1 } }];
  await marquee.post('/v1/plans', { id, name: { en: name }, prices });
  return id;
}

/** The clock is ready when everything that was due by then has happened. */
async function advance(clock: string, to: string): Promise<void> {
  await marquee.post(`/v1/test-clocks/${clock}/advance`, { to });
  while ((await marquee.get<{ status: string }>(`/v1/test-clocks/${clock}`)).status !== 'ready') await pause(100);
}

const [basic, premium] = [await createPlan('Basic', 999), await createPlan('Premium', 1799)];
const [clock, customer, subscription] = [`tc_${run}`, `cus_${run}`, `sub_${run}`];

await marquee.post('/v1/test-clocks', { id: clock, now: '2026-01-31T12:00:00Z' });
await marquee.post('/v1/customers', {
  id: customer,
  email: 'ada@example.com',
  name: 'Ada',
  country: 'DE',
  currency: 'EUR',
  timezone: 'Europe/Berlin',
  testClock: clock,
});
await marquee.post(`/v1/customers/${customer}/payment-methods`, { gateway: 'simulated', token: 'tok_ok', default: true });
await marquee.post('/v1/subscriptions', { id: subscription, customerId: customer, planId: basic });

await advance(clock, '2026-06-15T12:00:00Z');
await marquee.post(`/v1/subscriptions/${subscription}/change`, { planId: premium, when: 'now' });
await advance(clock, '2026-11-15T12:00:00Z');
await marquee.post(`/v1/subscriptions/${subscription}/cancel`, { when: 'period-end' });
await advance(clock, '2027-01-31T12:00:00Z');

const { data: invoices } = await marquee.get<{ data: Invoice[] }>(`/v1/invoices?subscriptionId=${subscription}`);
for (const { number, status, issuedAt, total, currency, lines } of invoices.toReversed()) {
  console.log(`${number}  ${day(issuedAt)}  ${money(total, currency).padStart(7)}  ${status}`);
  for (const { description, amount, period } of lines)
    console.log(
      `    ${money(amount, currency).padStart(7)}  ${description}${period ? `, ${day(period.start)} to ${day(period.end)}` : ''}`,
    );
}
const { status, endedAt } = await marquee.get<{ status: string; endedAt: string }>(`/v1/subscriptions/${subscription}`);
console.log(`The subscription is ${status} since ${day(endedAt)}.`);
