import { availableParallelism } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { DateTime } from 'luxon';
import { callActor } from '../../actors/host/actor-client.ts';
import { subscriptionClient } from '../../actors/subscription/client.ts';
import type { Sidecar } from '../../services/shared/sidecar.ts';
import { bodyOf, type Client, eventually } from '../support/api-client.ts';
import { makeCustomer } from '../support/marquee.ts';
import { dueStart } from './due-subscription.ts';
import { type Measured, measureLoad } from './measure-load.ts';

/** Customers, each with one subscription for every round. */
export const customers = Number(process.env.BENCH_RENEWALS ?? 800);
/**
 * The first round only warms up. The rounds at 0 ms are before and after the one at 200 ms, so that
 * drift affects both.
 */
const latencies = [0, 0, 200, 0] as const;
const secondsBetweenRounds = 20;
const secondsBeforeRounds = 20;
const millisOfQuiet = 1_500;
const millisToGiveUp = 60_000;
/** renewal-due, invoice.finalised, payment.succeeded, renewed, invoice.paid. */
const eventsOfARenewal = 5;

type Round = { readonly latency: number; readonly seconds: number; readonly generatorShare: number };

/**
 * Whole renewals per second by the response time of the gateway in milliseconds. Subscriptions
 * whose period ends at the same instant are renewed by their reminders; the time counts from that
 * instant until the last reaction to the last event has run. Then every invoice must be paid. The
 * load generator only observes.
 */
export async function measureRenewals(client: Client, sidecar: Sidecar): Promise<ReadonlyMap<number, Measured>> {
  const firstDueAt = await prepare(client, sidecar);
  const rounds: Round[] = [];
  for (const [index, latency] of latencies.entries()) {
    await callActor(sidecar, 'Bench', 'b0', 'gatewayLatency', { millis: latency });
    rounds.push(await renewAll(client, latency, firstDueAt + index * secondsBetweenRounds * 1000));
    await allPaid(client, customers * (latencies.length + index + 1));
  }
  await callActor(sidecar, 'Bench', 'b0', 'gatewayLatency', { millis: 0 });
  const counted = Map.groupBy(rounds.slice(1), ({ latency }) => latency);
  return new Map([...counted].map(([latency, alike]) => [latency, summed(`whole renewal, gateway at ${latency} ms`, alike)]));
}

function summed(name: string, rounds: readonly Round[]): Measured {
  const sum = (of: (round: Round) => number) => rounds.reduce((all, round) => all + of(round), 0);
  const perSecond = (customers * rounds.length) / sum(({ seconds }) => seconds);
  const rates = rounds.map(({ seconds }) => (customers / seconds).toFixed(0)).join(', ');
  return {
    name: `${name}: ${rates}`,
    perSecond,
    p50: Number.NaN,
    p99: Number.NaN,
    generatorShare: sum(({ generatorShare }) => generatorShare) / rounds.length,
  };
}

async function renewAll(client: Client, latency: number, dueAt: number): Promise<Round> {
  if (Date.now() > dueAt) throw new Error('The previous round took too long: these renewals are already due.');
  await pause(dueAt - Date.now());
  const cpu = process.cpuUsage();
  const quietSince = await untilQuiet(client);
  const { user, system } = process.cpuUsage(cpu);
  const generatorShare = (user + system) / 1000 / (Date.now() - dueAt) / availableParallelism();
  return { latency, seconds: (quietSince - dueAt) / 1000, generatorShare };
}

/**
 * Creates customers with a card and subscriptions with a paid first period. Returns when those of
 * the first round end, in milliseconds.
 */
async function prepare(client: Client, sidecar: Sidecar): Promise<number> {
  const actor = subscriptionClient(sidecar);
  const known = await measureLoad('customers', customers, 16, (index) => makeCustomer(client, `cus_b${index}`));
  const starts = customers * latencies.length;
  const firstDueAt = Math.round(Date.now() + ((starts / known.perSecond) * 2 + secondsBeforeRounds) * 1000);
  const startOf = latencies.map((_, round) => startThatEndsAt(firstDueAt + round * secondsBetweenRounds * 1000));
  await measureLoad('starts', starts, 16, (index) => {
    const [customer, round] = [index % customers, Math.floor(index / customers)];
    return actor.start(`sub_b${customer}_${round}`, { ...dueStart(customer), startAt: startOf[round] ?? null });
  });
  await allPaid(client, starts);
  return firstDueAt;
}

/** The start of a monthly period that ends at the given instant, in the time zone of Berlin. */
function startThatEndsAt(millis: number): string {
  const start = DateTime.fromMillis(millis, { zone: 'Europe/Berlin' }).minus({ months: 1 });
  if (start.plus({ months: 1 }).toMillis() !== millis)
    throw new Error('The previous month has no such day; run the benchmark on another day.');
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
 * The time of the last delivery, once the events of every renewal have been delivered and none
 * follows. The security service receives every event, so its count is that of all deliveries; it is
 * read rarely, because reading costs time as well.
 */
async function untilQuiet(client: Client): Promise<number> {
  const delivered = async (): Promise<number> =>
    sumOf(String(bodyOf(await client.get('/metrics'))), /^marquee_reactions_total\{service="security".*\} (\d+)$/gm);
  const expected = (await delivered()) + customers * eventsOfARenewal;
  let changedAt = Date.now();
  for (let seen = -1; seen < expected || Date.now() - changedAt < millisOfQuiet; ) {
    const now = await delivered();
    if (now !== seen) changedAt = Date.now();
    if (Date.now() - changedAt > millisToGiveUp) throw new Error(`Deliveries stopped at ${now} of ${expected}.`);
    seen = now;
    await pause(seen < expected - customers ? 1_000 : 100);
  }
  return changedAt;
}

const sumOf = (text: string, figures: RegExp): number => [...text.matchAll(figures)].reduce((sum, [, figure]) => sum + Number(figure), 0);
