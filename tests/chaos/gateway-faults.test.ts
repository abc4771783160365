import test, { type ExecutionContext } from 'ava';
import { DateTime } from 'luxon';
import { connectDocuments } from '../../services/shared/mongo.ts';
import { bodyOf, type Client, eventually } from '../support/api-client.ts';
import { type Fault, faults, seeded, shuffledFaults, startFaultProxy } from '../support/fault-proxy.ts';
import { makePlan, type RunningMarquee, runMarquee } from '../support/marquee.ts';
import { type RecordingGateway, startRecordingGateway } from '../support/recording-gateway.ts';
import { allPages } from '../support/system-invariants.ts';

const customers = 10;
const seed = 20_260_131;
const soon = { MARQUEE_GUARD_SECONDS: '3', MARQUEE_SWEEP_OVERDUE_SECONDS: '4', MARQUEE_SWEEP_EVERY_SECONDS: '2' };
const each = <Value>(make: (index: number) => Promise<Value>) => Promise.all(Array.from({ length: customers }, (_, index) => make(index)));

/** Repeats a request until it gets a response, like a client without one. */
const insist = <Value>(what: string, ask: () => Promise<Value>) => eventually(what, async () => ({ value: await ask() }));

/**
 * Marquee with a Stripe that stores its objects, behind a proxy with faults, and an action on each
 * request that passes it.
 */
async function beside(t: ExecutionContext, plan: Fault[], onRequest: (count: number) => void) {
  const gateway = await startRecordingGateway();
  t.teardown(gateway.stop);
  const proxy = await startFaultProxy(gateway.port, plan, onRequest);
  t.teardown(proxy.stop);
  const environment = { ...soon, MARQUEE_STRIPE_KEY: 'sk_test_chaos', MARQUEE_STRIPE_URL: proxy.url };
  return { gateway, proxy, marquee: await runMarquee(t, { environment }) };
}

async function makeCustomers(client: Client): Promise<void> {
  await makePlan(client, 'plan_basic');
  await each(async (index) => {
    const person = { email: `${index}@example.com`, name: 'Ada', locale: 'en', country: 'DE', currency: 'EUR', timezone: 'Europe/Berlin' };
    bodyOf(await client.post('/v1/customers', { id: `cus_${index}`, ...person }));
    bodyOf(await client.post(`/v1/customers/cus_${index}/payment-methods`, { gateway: 'stripe', token: `pm_${index}`, default: true }));
  });
}

/**
 * I1: no invoice is charged twice, and the ledger of the gateway is ours, refunds too. Returns the
 * violations.
 */
async function complaints(gateway: RecordingGateway, client: Client): Promise<readonly string[]> {
  const [payments, invoices] = [await allPages(client, '/v1/payments'), await allPages(client, '/v1/invoices')];
  const sum = (rows: readonly object[], field: string) => rows.reduce((total, row) => total + Number((row as never)[field]), 0);
  const references = gateway.charges.map(({ payment_intent: { metadata } }) => metadata.reference);
  const charged = sum(gateway.charges, 'amount');
  const paid = sum(
    payments.filter(({ status }) => status === 'succeeded'),
    'amount',
  );
  const back = sum(gateway.charges, 'amount_refunded');
  return [
    ...references.filter((id, index) => references.indexOf(id) !== index).map((id) => `charged twice: ${id}`),
    ...(charged === paid ? [] : [`gateway ${charged}, payments ${paid}`]),
    ...(charged === sum(invoices, 'amountPaid') ? [] : [`gateway ${charged}, invoices ${sum(invoices, 'amountPaid')}`]),
    ...(back === sum(invoices, 'amountRefunded') ? [] : [`gave back ${back}, invoices ${sum(invoices, 'amountRefunded')}`]),
  ];
}

/** The differences that a reconciliation of yesterday and today names. */
async function differences(client: Client): Promise<readonly unknown[]> {
  const day = (offset: number) => DateTime.utc().plus({ days: offset }).toISODate();
  const { id } = bodyOf(await client.post('/v1/reconciliations', { from: day(-1), to: day(1) }));
  const report = await eventually('a report', async () => {
    const found = bodyOf(await client.get(`/v1/reconciliations/${id}`));
    return found.status === 'done' && found;
  });
  if (report.counts.charges === 0) throw new Error('nothing was compared');
  return report.differences.data;
}

async function mustAgree(t: ExecutionContext, { gateway, marquee }: { gateway: RecordingGateway; marquee: RunningMarquee }) {
  await eventually('books that balance', async () => (await complaints(gateway, marquee.client)).length === 0);
  await eventually('ledgers that agree', async () => (await differences(marquee.client)).length === 0);
  t.deepEqual(await complaints(gateway, marquee.client), []);
  t.deepEqual(await differences(marquee.client), []);
}

/** Kills the host at the requests that the seed chose, and restarts it, one after the other. */
function killing(random: () => number) {
  const moments = new Set([0, 1, 2].map((part) => 3 + part * 9 + Math.floor(random() * 8)));
  const state = { kills: 0, seen: -1, ended: Promise.resolve(), host: undefined as RunningMarquee['application'] | undefined };
  const again = async (): Promise<void> => {
    await state.host?.kill('SIGKILL');
    await state.host?.restart();
    state.kills += 1;
  };
  return {
    state,
    onRequest: (): void => {
      if (state.seen < 0) return;
      state.seen += 1;
      if (moments.has(state.seen)) state.ended = state.ended.then(again);
    },
    begin: (host: RunningMarquee['application']): void => {
      state.host = host;
      state.seen = 0;
    },
  };
}

const subscriptions = (client: Client) => each(async (index) => bodyOf(await client.get(`/v1/subscriptions/sub_${index}`)));

test('given every fault of a gateway, when the host is killed repeatedly at the same time, then each invoice is charged once and all ledgers agree', async (t) => {
  t.log(`seed ${seed}`);
  const random = seeded(seed);
  const plan: Fault[] = [];
  const { state, onRequest, begin } = killing(random);
  const parts = await beside(t, plan, onRequest);
  const { marquee, proxy, gateway } = parts;
  const { client } = marquee;
  await makeCustomers(client);
  plan.push(...shuffledFaults(4, random));
  begin(marquee.application);

  const renewsAt = DateTime.now().setZone('Europe/Berlin').plus({ seconds: 15 });
  const startAt = renewsAt.minus({ months: 1 }).toUTC().toISO();
  await each((index) =>
    insist('a start', async () => {
      const body = { id: `sub_${index}`, customerId: `cus_${index}`, planId: 'plan_basic', startAt };
      return bodyOf(await client.post('/v1/subscriptions', body, { 'idempotency-key': `start-${index}` }));
    }),
  );
  const due = renewsAt.toUTC().toISO() ?? '';
  const isPaid = ({ status, paidThrough }: { status: string; paidThrough: string }) => status === 'active' && paidThrough > due;
  await eventually('every first payment and renewal', async () => (await subscriptions(client)).every(isPaid), 120);
  await Promise.all([state.ended, proxy.quiet()]);

  t.deepEqual([...new Set(proxy.met)].sort(), [...faults].sort(), 'every fault was met');
  t.is(state.kills, 3);
  t.is(gateway.charges.length, customers * 2);
  await mustAgree(t, parts);
});

/** For payments and refunds without a response a day has passed. */
async function ageByADay({ backing }: RunningMarquee): Promise<void> {
  const documents = await connectDocuments(backing.documents.uri);
  const payments = documents.collection('payments');
  const yesterday = DateTime.utc().minus({ hours: 25 }).toISO();
  const aged = { processingSince: yesterday, lastSentAt: yesterday };
  await payments.updateMany({ status: 'processing' }, { $set: aged });
  for (const { _id, refunds } of await payments.find({ refundsOwed: true }).toArray()) {
    await payments.updateOne({ _id }, { $set: { refunds: refunds.map((refund: object) => ({ ...refund, ...aged })) } });
  }
  await documents.close();
}

test('given charges and refunds without a response, when the host is down until the gateway has dropped their idempotency keys, then nothing is done twice', async (t) => {
  const plan: Fault[] = [];
  const parts = await beside(t, plan, () => {});
  const { marquee, proxy, gateway } = parts;
  const { client } = marquee;
  await makeCustomers(client);
  await each(async (index) => {
    const body = { id: `sub_${index}`, customerId: `cus_${index}`, planId: 'plan_basic' };
    bodyOf(await client.post('/v1/subscriptions', body));
  });
  await eventually('paid starts', async () => (await subscriptions(client)).every(({ status }) => status === 'active'));
  const lost: Fault[] = Array.from({ length: customers * 2 }, (_, index) => (index % 2 === 0 ? 'timeout-after' : 'timeout-before'));
  plan.push(...lost);

  void each(async (index) => {
    await client.post(`/v1/subscriptions/sub_${index}/charges`, { description: 'Film', amount: 499, invoiceNow: true });
    await client.post(`/v1/payments/pay_inv_sub_${index}_1/refunds`, { amount: 100, reason: 'sorry' });
  }).catch(() => undefined);
  await eventually('no answer to any', async () => proxy.met.length === lost.length);
  await marquee.application.kill('SIGKILL');
  await proxy.quiet();
  gateway.forgetKeys();
  await ageByADay(marquee);
  await marquee.application.restart();

  await eventually('an outcome of each charge and refund', async () => {
    const documents = await allPages(client, '/v1/payments?status=processing');
    const refunds = await each(async (index) => bodyOf(await client.get(`/v1/payments/pay_inv_sub_${index}_1/refunds`)).data);
    return documents.length === 0 && refunds.flat().every(({ status }) => status !== 'processing');
  });
  await eventually('who is in dunning', async () => (await subscriptions(client)).some(({ dunning }) => dunning !== null));
  await eventually('nobody who waits for one invoice seems unaware of another', async () => (await differences(client)).length === 0);
  await eventually('what never arrived is paid when it is tried again', async () => (await retried(client)) === 0);
  t.is(gateway.charges.length, customers * 2, 'each invoice was charged once');
  await mustAgree(t, parts);
});

/** Retries every failed payment; returns the number of subscriptions with an open invoice. */
async function retried(client: Client): Promise<number> {
  const owing = (await subscriptions(client)).filter(({ dunning }) => dunning !== null);
  for (const { id } of owing) await client.post(`/v1/subscriptions/${id}/retry-payment`);
  const open = await allPages(client, '/v1/invoices?status=open');
  return owing.length + open.length;
}
