import { availableParallelism } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { DateTime } from 'luxon';
import { callActor } from '../../actors/host/actor-client.ts';
import { subscriptionClient } from '../../actors/subscription/client.ts';
import type { Sidecar } from '../../services/shared/sidecar.ts';
import { bodyOf, type Client, eventually } from '../support/client.ts';
import { makeCustomer } from '../support/marquee.ts';
import { dueStart } from './lives.ts';
import { type Measured, measure } from './load.ts';

/** Customers, each with one subscription for every round. */
export const customers = Number(process.env.BENCH_RENEWALS ?? 1_500);
/** The first round only warms up; then those at 0 ms lie around those at 200 ms, so that what drifts meets both alike. */
const latencies = [0, 0, 200, 200, 0] as const;
const secondsBetweenRounds = 30;
const secondsBeforeRounds = 20;
const millisOfQuiet = 1_500;
const millisToGiveUp = 60_000;
/** renewal-due, invoice.finalised, payment.succeeded, renewed, invoice.paid. */
const eventsOfARenewal = 5;

type Round = { readonly latency: number; readonly seconds: number; readonly generatorShare: number };

/**
 * Whole renewals a second by how long the gateway takes for an answer, in milliseconds. Subscriptions whose period ends at one instant
 * are renewed by their own reminders, counted from that instant until the last reaction to the last event has run; then every invoice must
 * be paid. The generator only looks on.
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
  return new Map([...counted].map(([latency, alike]) => [latency, summed(`full renewal, gateway at ${latency} ms`, alike)]));
}

function summed(name: string, rounds: readonly Round[]): Measured {
  const sum = (of: (round: Round) => number) => rounds.reduce((all, round) => all + of(round), 0);
  const perSecond = (customers * rounds.length) / sum(({ seconds }) => seconds);
  const shown = rounds.map(({ seconds }) => (customers / seconds).toFixed(0)).join(', ');
  return {
    name: `${name}: ${shown}`,
    perSecond,
    p50: Number.NaN,
    p99: Number.NaN,
    generatorShare: sum(({ generatorShare }) => generatorShare) / rounds.length,
  };
}

async function renewAll(client: Client, latency: number, dueAt: number): Promise<Round> {
  if (Date.now() > dueAt) throw new Error('what came before took longer than thought: these renewals are due already');
  await pause(dueAt - Date.now());
  const cpu = process.cpuUsage();
  const quietSince = await untilQuiet(client);
  const { user, system } = process.cpuUsage(cpu);
  const generatorShare = (user + system) / 1000 / (Date.now() - dueAt) / availableParallelism();
  return { latency, seconds: (quietSince - dueAt) / 1000, generatorShare };
}

/** Customers with a card, and their subscriptions with a paid first period; answers when those of the first round end (milliseconds). */
async function prepare(client: Client, sidecar: Sidecar): Promise<number> {
  const actor = subscriptionClient(sidecar);
  const known = await measure('customers', customers, 16, (index) => makeCustomer(client, `cus_b${index}`));
  const starts = customers * latencies.length;
  const firstDueAt = Math.round(Date.now() + ((starts / known.perSecond) * 2 + secondsBeforeRounds) * 1000);
  const startOf = latencies.map((_, round) => startThatEndsAt(firstDueAt + round * secondsBetweenRounds * 1000));
  await measure('starts', starts, 16, (index) => {
    const [customer, round] = [index % customers, Math.floor(index / customers)];
    return actor.start(`sub_b${customer}_${round}`, { ...dueStart(customer), startAt: startOf[round] ?? null });
  });
  await allPaid(client, starts);
  return firstDueAt;
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
  const expected = (await delivered()) + customers * eventsOfARenewal;
  let changedAt = Date.now();
  for (let seen = -1; seen < expected || Date.now() - changedAt < millisOfQuiet; ) {
    const now = await delivered();
    if (now !== seen) changedAt = Date.now();
    if (Date.now() - changedAt > millisToGiveUp) throw new Error(`deliveries stopped at ${now} of ${expected}`);
    seen = now;
    await pause(seen < expected - customers ? 1_000 : 100);
  }
  return changedAt;
}

const sumOf = (text: string, figures: RegExp): number => [...text.matchAll(figures)].reduce((sum, [, figure]) => sum + Number(figure), 0);
