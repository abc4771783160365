import { availableParallelism } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { DateTime } from 'luxon';
import { subscriptionClient } from '../../actors/subscription/client.ts';
import { connectSidecar, type Sidecar } from '../../services/shared/sidecar.ts';
import { bodyOf, type Client, eventually } from '../support/client.ts';
import { bootMarquee, makeCustomer } from '../support/marquee.ts';
import { dueStart } from './lives.ts';
import { type Measured, measure } from './load.ts';

const subscriptions = Number(process.env.BENCH_RENEWALS ?? 2_000);
const previewed = {
  id: 'plan_previewed',
  name: { en: 'Previewed' },
  taxBehaviour: 'inclusive',
  prices: [{ currency: 'EUR', amount: 2999, interval: { unit: 'month', count: 1 } }],
};
const secondsBetweenReminders = 20;
const millisOfQuiet = 1_500;
const millisToGiveUp = 60_000;
/** renewal-due, invoice.finalised, payment.succeeded, renewed, invoice.paid. */
const eventsOfARenewal = 5;

/** The rate of whole renewals, and beside it reads of the fast path and previews of a change, which are invoices made and thrown away. */
export type FullRenewal = { readonly renewals: Measured; readonly entitlements: Measured; readonly previews: Measured };

/**
 * The embedded set with every service: subscriptions whose period ends at one instant are renewed by their own reminders. Counted
 * from that instant until the last reaction to the last event has run; then every invoice must be paid. The generator only looks on.
 */
export async function fullRenewal(entry: string): Promise<FullRenewal> {
  const marquee = await bootMarquee({ entry });
  const sidecar = connectSidecar({ daprPort: marquee.sidecar.ports.http, daprToken: marquee.sidecar.tokens.sidecar });
  try {
    const renewals = await renewAll(marquee.client, sidecar, 'full renewal, reminder to the last reaction');
    const read = (index: number) => marquee.client.get(`/v1/customers/cus_b${index % subscriptions}/entitlements`).then(bodyOf);
    const entitlements = await measure('entitlement read at the public door', 3_000, 32, read);
    bodyOf(await marquee.client.post('/v1/plans', previewed));
    const preview = (index: number) =>
      marquee.client
        .post(`/v1/subscriptions/sub_b${index % subscriptions}/change/preview`, { planId: 'plan_previewed', when: 'now' })
        .then(bodyOf);
    return { renewals, entitlements, previews: await measure('preview of a change at the public door', 1_000, 16, preview) };
  } finally {
    await sidecar.close();
    await marquee.end();
  }
}

/** The rate of whole renewals where every answer of the gateway takes so many milliseconds. */
export async function renewalsBehind(entry: string, latencyMillis: number): Promise<Measured> {
  const marquee = await bootMarquee({ entry, environment: { MARQUEE_GATEWAY_LATENCY: String(latencyMillis) } });
  const sidecar = connectSidecar({ daprPort: marquee.sidecar.ports.http, daprToken: marquee.sidecar.tokens.sidecar });
  try {
    return await renewAll(marquee.client, sidecar, `full renewal, gateway at ${latencyMillis} ms`);
  } finally {
    await sidecar.close();
    await marquee.end();
  }
}

async function renewAll(client: Client, sidecar: Sidecar, name: string): Promise<Measured> {
  const dueAt = await prepare(client, sidecar);
  await pause(dueAt - Date.now());
  const cpu = process.cpuUsage();
  const quietSince = await untilQuiet(client);
  const { user, system } = process.cpuUsage(cpu);
  await allPaid(client, subscriptions * 2);
  return {
    name,
    perSecond: (subscriptions / (quietSince - dueAt)) * 1000,
    p50: Number.NaN,
    p99: Number.NaN,
    generatorShare: (user + system) / 1000 / (Date.now() - dueAt) / availableParallelism(),
  };
}

/** Customers with a card, and subscriptions with a paid first period that all end at the instant answered (milliseconds). */
async function prepare(client: Client, sidecar: Sidecar): Promise<number> {
  const actor = subscriptionClient(sidecar);
  const known = await measure('customers', subscriptions, 16, (index) => makeCustomer(client, `cus_b${index}`));
  const secondsToStart = (subscriptions / known.perSecond) * 2 + secondsBetweenReminders;
  const dueAt = Math.round(Date.now() + secondsToStart * 1000);
  const startAt = startThatEndsAt(dueAt);
  await measure('starts', subscriptions, 16, (index) => actor.start(`sub_b${index}`, { ...dueStart(index), startAt }));
  await allPaid(client, subscriptions);
  if (Date.now() > dueAt) throw new Error('the preparation took longer than thought: the renewals are due already');
  return dueAt;
}

/** The start of a monthly period that ends at the given instant, on the calendar of Berlin. */
function startThatEndsAt(millis: number): string {
  const start = DateTime.fromMillis(millis, { zone: 'Europe/Berlin' }).minus({ months: 1 });
  if (start.plus({ months: 1 }).toMillis() !== millis) throw new Error('no month ago on this day; run it on another');
  return start.toUTC().toISO() ?? '';
}

const allPaid = (client: Client, wanted: number) =>
  eventually(
    `${wanted} paid invoices`,
    async () => {
      const { data } = bodyOf(await client.get('/v1/reports/revenue?from=2020-01-01&to=2100-01-01&currency=EUR'));
      return data.reduce((sum: number, row: { invoices: number }) => sum + row.invoices, 0) >= wanted;
    },
    180,
  );

/**
 * When the last delivery was handled, once every renewal's events have been delivered and nothing more comes. The audit
 * trail hears everything, so its count is that of all deliveries; it is looked at rarely, for looking costs too.
 */
async function untilQuiet(client: Client): Promise<number> {
  const delivered = async (): Promise<number> =>
    sumOf(String(bodyOf(await client.get('/metrics'))), /^marquee_reactions_total\{service="security".*\} (\d+)$/gm);
  const expected = (await delivered()) + subscriptions * eventsOfARenewal;
  let changedAt = Date.now();
  for (let seen = -1; seen < expected || Date.now() - changedAt < millisOfQuiet; ) {
    const now = await delivered();
    if (now !== seen) changedAt = Date.now();
    if (Date.now() - changedAt > millisToGiveUp) throw new Error(`deliveries stopped at ${now} of ${expected}`);
    seen = now;
    await pause(seen < expected - subscriptions ? 1_000 : 100);
  }
  return changedAt;
}

const sumOf = (text: string, figures: RegExp): number => [...text.matchAll(figures)].reduce((sum, [, figure]) => sum + Number(figure), 0);
