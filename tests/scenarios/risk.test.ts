import test from 'ava';
import { bodyOf } from '../support/api-client.ts';
import { makeCustomer, runMarquee } from '../support/marquee.ts';

const price = { currency: 'EUR', amount: 999, interval: { unit: 'month', count: 1 } };

test('given rules against abuse, when many customers start with the same card at the same time, then one gets the trial, and a customer who tries too many cards must wait', async (t) => {
  const { client } = await runMarquee(t, { environment: { MARQUEE_RISK_PATIENCE: '60000' } });
  bodyOf(await client.send('PUT', '/v1/risk/rules', { oneTrialPerCard: { simulated: true }, blockedCountries: ['KP'] }));
  bodyOf(await client.post('/v1/plans', { id: 'plan_basic', name: { en: 'Basic' }, prices: [price], trialDays: 30 }));
  const ids = Array.from({ length: 10 }, (_, index) => `cus_${index}`);
  for (const id of ids) await makeCustomer(client, id);

  const start = (customerId: string, more: object = {}) =>
    client.post('/v1/subscriptions', { customerId, planId: 'plan_basic', ...more }, { 'idempotency-key': `start-${customerId}` });
  const answers = await Promise.all(ids.map((id) => start(id)));
  t.deepEqual(answers.map(({ status }) => status).sort(), [201, ...Array(9).fill(422)]);
  const winner = answers.findIndex(({ status }) => status === 201);
  t.is(answers[winner]?.body.status, 'trialing');
  const again = await start(ids[winner] as string);
  t.deepEqual([again.status, again.body.id], [201, answers[winner]?.body.id]);
  const refused = answers[(winner + 1) % ids.length]?.body;
  t.like(refused, { code: 'trial-already-used', errors: [{ pointer: '/planId' }] });
  const { data } = bodyOf(await client.get('/v1/risk/decisions?code=trial-already-used'));
  t.is(data.length, 9);

  const added = [];
  for (let index = 0; index < 5; index += 1)
    added.push(
      await client.post('/v1/customers/cus_0/payment-methods', { gateway: 'simulated', token: 'tok_declined', id: `pm_${index}` }),
    );
  t.deepEqual(
    added.map(({ status }) => status),
    [201, 201, 201, 201, 429],
  );
  t.is(added[4]?.body.code, 'too-many-payment-methods');
  t.true(Number(added[4]?.headers.get('retry-after')) > 3600);

  const kim = { id: 'cus_kim', email: 'kim@example.com', name: 'Kim', country: 'KP', currency: 'EUR' };
  bodyOf(await client.post('/v1/customers', kim));
  t.like((await start('cus_kim', { trialDays: 0 })).body, { code: 'country-blocked', errors: [{ pointer: '/customerId' }] });

  const metrics = String((await client.get('/metrics')).body);
  t.regex(metrics, /marquee_risk_answers_total\{kind="subscription-start",verdict="refuse"\} 10/);
  t.notRegex(metrics, /verdict="unavailable"/);
});
