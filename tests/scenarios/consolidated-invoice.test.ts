import test, { type ExecutionContext } from 'ava';
import { createSimulatedGateway } from '../../services/payment/gateways/simulated/simulated-gateway.ts';
import { connectDocuments } from '../../services/shared/mongo.ts';
import { advance, bodyOf, type Client } from '../support/api-client.ts';
import { makeCustomer, makePlan, type RunningMarquee, runMarquee } from '../support/marquee.ts';
import { textOfPdf } from '../support/pdf-reader.ts';
import { historyViolations, moneyViolations } from '../support/system-invariants.ts';

type Shown = { readonly id: string; readonly number: string; readonly status: string; readonly consolidationId: string | null };

const invoice = async (client: Client, id: string) => bodyOf(await client.get(`/v1/invoices/${id}`));
const start = async (client: Client, id: string, planId: string) =>
  bodyOf(await client.post('/v1/subscriptions', { id, customerId: 'cus_1', planId }));

/** The charges in the books of the gateway, by reference. */
async function chargedAtGateway({ backing }: RunningMarquee): Promise<Readonly<Record<string, number>>> {
  const documents = await connectDocuments(backing.documents.uri);
  try {
    const charges = await createSimulatedGateway(documents).ledger();
    return Object.fromEntries(charges.map(({ reference, amount }) => [reference, amount]));
  } finally {
    await documents.close();
  }
}

async function pdf(client: Client, path: string): Promise<Buffer> {
  const response = await fetch(`${client.url}${path}`, { headers: { authorization: `Bearer ${client.token}` } });
  return Buffer.from(await response.arrayBuffer());
}

/** Two subscriptions that renew on the 15th, hours apart, and one on the 20th. */
async function threeSubscriptions(t: ExecutionContext) {
  const marquee = await runMarquee(t);
  const { client } = marquee;
  await makePlan(client, 'plan_films', { amount: 1099 });
  await makePlan(client, 'plan_sports', { amount: 499 });
  bodyOf(await client.post('/v1/test-clocks', { id: 'tc_1', now: '2026-01-15T09:00:00Z' }));
  await makeCustomer(client, 'cus_1', { testClock: 'tc_1' });
  t.is(bodyOf(await client.get('/v1/customers/cus_1')).invoiceGrouping, 'separate');
  bodyOf(await client.send('PATCH', '/v1/customers/cus_1', { invoiceGrouping: 'consolidated' }));
  await start(client, 'sub_films', 'plan_films');
  await advance(client, 'tc_1', '2026-01-15T18:00:00Z');
  await start(client, 'sub_sports', 'plan_sports');
  await advance(client, 'tc_1', '2026-01-20T09:00:00Z');
  await start(client, 'sub_later', 'plan_sports');
  return marquee;
}

test('given three subscriptions of which two renew on one day, when the day is over, then those two share one invoice number, one charge and one document', async (t) => {
  const marquee = await threeSubscriptions(t);
  const { client } = marquee;

  await advance(client, 'tc_1', '2026-02-15T12:00:00Z');
  t.is((await client.get('/v1/invoices/inv_sub_films_2')).status, 404, 'it waits for the other of its day');
  await advance(client, 'tc_1', '2026-02-25T00:00:00Z');

  const films: Shown = await invoice(client, 'inv_sub_films_2');
  const sports: Shown = await invoice(client, 'inv_sub_sports_2');
  t.like(films, { status: 'paid', number: sports.number, consolidationId: sports.consolidationId, amountPaid: 1099 });
  t.like(sports, { status: 'paid', amountPaid: 499 });
  t.like(await invoice(client, 'inv_sub_later_2'), { status: 'paid', consolidationId: null });
  const id = films.consolidationId as string;
  t.like(await chargedAtGateway(marquee), { [id]: 1598, inv_sub_later_2: 499, inv_sub_films_1: 1099 });
  t.false('inv_sub_films_2' in (await chargedAtGateway(marquee)));
  const { data } = bodyOf(await client.get(`/v1/invoices?consolidationId=${id}`));
  t.deepEqual(data.map((row: Shown) => row.id).sort(), ['inv_sub_films_2', 'inv_sub_sports_2']);
  t.like(bodyOf(await client.get(`/v1/consolidated-invoices/${id}`)), { number: films.number, status: 'paid', total: 1598 });

  const numbers = bodyOf(await client.get('/v1/invoices?limit=200')).data.map((row: Shown) => row.number);
  t.deepEqual(
    [...new Set(numbers)].sort(),
    ['1', '2', '3', '4', '5'].map((number) => `MQ-2026-00000${number}`),
    'numbers have no gap',
  );

  const written = await pdf(client, `/v1/invoices/${sports.id}.pdf`);
  t.is(written.subarray(0, 4).toString(), '%PDF');
  const text = await textOfPdf(written);
  for (const said of ['plan_films', 'plan_sports', films.number, '15.98']) t.true(text.includes(said), said);

  for (const subscription of ['sub_films', 'sub_sports', 'sub_later']) {
    t.deepEqual(bodyOf(await client.post(`/v1/subscriptions/${subscription}/verify`)).differences, []);
    t.deepEqual(await historyViolations(client, subscription), []);
  }
  t.deepEqual(await moneyViolations(marquee, client), []);
});

test('given a subscription that is cancelled while the other one waits, then it is invoiced alone; given a decline, then each invoice is retried alone and paid', async (t) => {
  const marquee = await threeSubscriptions(t);
  const { client } = marquee;
  await advance(client, 'tc_1', '2026-02-15T12:00:00Z');

  bodyOf(await client.post('/v1/subscriptions/sub_sports/cancel', { when: 'now' }));

  t.like(await invoice(client, 'inv_sub_films_2'), { status: 'paid', consolidationId: null });
  t.is((await chargedAtGateway(marquee)).inv_sub_films_2, 1099);

  await start(client, 'sub_again', 'plan_sports');
  const [card] = bodyOf(await client.get('/v1/customers/cus_1/payment-methods')).data;
  const token = 'tok_declined_until:2026-03-17T00:00:00Z';
  bodyOf(await client.post('/v1/customers/cus_1/payment-methods', { gateway: 'simulated', token, default: true }));
  bodyOf(await client.send('DELETE', `/v1/customers/cus_1/payment-methods/${card.id}`));
  await advance(client, 'tc_1', '2026-03-15T20:00:00Z');

  const films: Shown = await invoice(client, 'inv_sub_films_3');
  t.like(films, { status: 'open', attempts: [{ outcome: 'declined', declineCode: 'insufficient_funds' }] });
  t.like(await invoice(client, 'inv_sub_again_2'), { status: 'open', number: films.number, consolidationId: films.consolidationId });
  await advance(client, 'tc_1', '2026-03-25T00:00:00Z');

  t.like(await invoice(client, 'inv_sub_films_3'), { status: 'paid' });
  t.like(await invoice(client, 'inv_sub_again_2'), { status: 'paid' });
  const charged = await chargedAtGateway(marquee);
  t.like(charged, { inv_sub_films_3: 1099, inv_sub_again_2: 499 });
  t.false((films.consolidationId as string) in charged);
  t.like(bodyOf(await client.get('/v1/subscriptions/sub_films')), { status: 'active', dunning: null });
  t.deepEqual(await moneyViolations(marquee, client), []);
  t.is(bodyOf(await client.get('/v1/system')).deadLetters, 0);
});
