import test from 'ava';
import { DateTime } from 'luxon';
import { connectDocuments } from '../../services/shared/mongo.ts';
import { bodyOf, type Client, eventually } from '../support/api-client.ts';
import { makeCustomer, makePlan, runMarquee } from '../support/marquee.ts';

/** The differences that concern one invoice, and the report that names them. */
async function differencesOf(client: Client, invoiceId: string) {
  const day = (offset: number) => DateTime.utc().plus({ days: offset }).toISODate();
  const { id } = bodyOf(await client.post('/v1/reconciliations', { from: day(-1), to: day(1) }));
  const { differences } = await eventually('a report', async () => {
    const report = bodyOf(await client.get(`/v1/reconciliations/${id}`));
    return report.status === 'done' && report;
  });
  return { id, found: differences.data.filter((difference: { invoiceId: string }) => difference.invoiceId === invoiceId) };
}

test('given a paid invoice whose document is lost, when its subscription publishes it again, then the document exists and is paid, and no customer was charged twice', async (t) => {
  const { client, backing } = await runMarquee(t);
  const documents = await connectDocuments(backing.documents.uri);
  t.teardown(() => documents.close());
  await makePlan(client, 'plan_basic');
  await makeCustomer(client, 'cus_1');
  bodyOf(await client.post('/v1/subscriptions', { id: 'sub_1', customerId: 'cus_1', planId: 'plan_basic' }));
  const invoice = () => client.get('/v1/invoices/inv_sub_1_1');
  const before = await eventually('a paid invoice', async () => {
    const { status, body } = await invoice();
    return status === 200 && body.status === 'paid' && body;
  });
  await documents.collection('invoices').deleteOne({ _id: 'inv_sub_1_1' } as never);
  t.is((await invoice()).status, 404);

  const { id, found } = await differencesOf(client, 'inv_sub_1_1');
  t.like(found, { length: 1, 0: { kind: 'invoice-missing', repair: 'ask-again' } });
  const repaired = await client.post(`/v1/reconciliations/${id}/differences/${found[0].n}/repair`, {});

  t.is(repaired.status, 200);
  const after = await eventually('the invoice, paid', async () => {
    const { status, body } = await invoice();
    return status === 200 && body.status === 'paid' && body;
  });
  const { number, ...rest } = before;
  t.like(after, rest);
  t.not(after.number, number, 'a number is given once');
  t.deepEqual((await differencesOf(client, 'inv_sub_1_1')).found, []);
  t.like(bodyOf(await client.post('/v1/subscriptions/sub_1/verify', {})), { verified: true, differences: [] });
  t.is(await documents.collection('simulated_gateway_intents').countDocuments({ reference: 'inv_sub_1_1' }), 1);
});
