import test from 'ava';
import { riskSetup } from '../support/risk-setup.ts';

const simulated = { oneTrialPerCard: { simulated: true } };
const statuses = (responses: readonly { status: number }[]) => responses.map(({ status }) => status).sort();
const repeat = <Value>(count: number, make: (index: number) => Promise<Value>) =>
  Promise.all(Array.from({ length: count }, (_, index) => make(index)));

test('of fifty concurrent starts with one card one has the trial, and the others are refused with the reason', async (t) => {
  const { customer, startTrial } = await riskSetup(t, { ...simulated, oneTrialPerHousehold: null });
  await repeat(50, (index) => customer(`cus_${index}`, {}, 'tok_ok'));

  const responses = await repeat(50, (index) => startTrial(`cus_${index}`));

  const [winner, ...others] = [...responses].sort((one, other) => one.status - other.status);
  t.like(winner, { status: 201, body: { status: 'trialing' } });
  for (const { status, body } of others)
    t.like({ status, body }, { status: 422, body: { code: 'trial-already-used', errors: [{ pointer: '/planId' }] } });
});

test('of twenty concurrent starts from one source as many have a trial as the rules allow', async (t) => {
  const { customer, startTrial } = await riskSetup(t, { trialsPerSource: { limit: 3, hours: 1 } });
  await repeat(20, (index) => customer(`cus_${index}`));

  const responses = await repeat(20, (index) => startTrial(`cus_${index}`, { sourceAddress: '2001:db8::1' }));

  t.deepEqual(statuses(responses), [201, 201, 201, ...Array(17).fill(429)]);
});

test('a repeated start, also a concurrent one, has the trial that it claimed', async (t) => {
  const { customer, startTrial, documents } = await riskSetup(t, simulated);
  await customer('cus_ada', { household: 'h1' }, 'tok_ok');

  const responses = await repeat(5, () => startTrial('cus_ada', { id: 'sub_1', sourceAddress: '203.0.113.7' }));

  t.deepEqual(statuses(responses), Array(5).fill(201));
  t.deepEqual(new Set(responses.map(({ body }) => body.trialEnd)), new Set(['2026-04-09T12:00:00.000Z']));
  const tallies = await documents.collection('risk_tallies').find().toArray();
  t.deepEqual(
    tallies.map(({ marks }) => marks.length),
    tallies.map(() => 1),
  );
});

test('a refused start releases the trial of its card and customer', async (t) => {
  const { customer, startTrial } = await riskSetup(t, simulated);
  await customer('cus_ada', {}, 'tok_ok');

  t.is((await startTrial('cus_ada', { coupons: ['cpn_none'] })).body.code, 'coupon-not-found');
  t.like((await startTrial('cus_ada', { endsAt: '2020-01-01T00:00:00Z' })).body, { code: 'ends-too-early' });

  t.like(await startTrial('cus_ada'), { status: 201, body: { status: 'trialing' } });
});

test('a refused repeat leaves the trial with the start that has it', async (t) => {
  const { customer, startTrial } = await riskSetup(t, simulated);
  await customer('cus_ada', {}, 'tok_ok');
  await customer('cus_eve', {}, 'tok_ok');
  await startTrial('cus_ada', { id: 'sub_1' });

  t.is((await startTrial('cus_ada', { id: 'sub_1', quantity: 2 })).body.code, 'already-exists');

  t.is((await startTrial('cus_eve')).body.code, 'trial-already-used');
});

test('a household has one trial, by its name or its address, and another after a year', async (t) => {
  const { customer, startTrial, deliverStarted, later } = await riskSetup(t);
  await customer('cus_a', { household: 'h1' });
  await customer('cus_b', { household: 'h1' });
  await customer('cus_c', { address: { line1: 'Main St. 5', city: 'Köln' } });
  await customer('cus_d', { address: { city: 'KÖLN', line1: 'main st 5' } });

  t.deepEqual(statuses([await startTrial('cus_a', { id: 'sub_a' }), await startTrial('cus_c', { id: 'sub_c' })]), [201, 201]);
  for (const id of ['sub_a', 'sub_c']) await deliverStarted(id);
  later(364);
  for (const id of ['cus_b', 'cus_d']) t.is((await startTrial(id)).body.code, 'trial-already-used');
  later(1);
  t.is((await startTrial('cus_b')).status, 201);
});

test('a start that died half-way blocks the trial for a short time only', async (t) => {
  const { customer, startTrial, later } = await riskSetup(t, simulated);
  for (const id of ['cus_a', 'cus_b']) await customer(id, {}, 'tok_ok');
  await startTrial('cus_a');
  t.is((await startTrial('cus_b')).body.code, 'trial-already-used');
  later(1 / 144);
  t.is((await startTrial('cus_b')).status, 201, 'the trail has not heard of the first one within ten minutes');
});

test('a start whose trial was already used proceeds without one where the rules say so, and is recorded', async (t) => {
  const { customer, startTrial, callApi } = await riskSetup(t, { ...simulated, onTrialUsed: 'no-trial' });
  for (const id of ['cus_a', 'cus_b']) await customer(id, {}, 'tok_ok');
  const startAt = '2026-04-01T00:00:00.000Z';
  t.like((await startTrial('cus_a', { startAt })).body, { status: 'scheduled', nextBillingAt: '2026-05-01T00:00:00.000Z' });
  t.like((await startTrial('cus_b', { startAt })).body, { status: 'scheduled', nextBillingAt: startAt });
  t.like((await callApi('get', '/v1/risk/decisions', { query: { verdict: 'review' } })).body.data[0], {
    ...{ customerId: 'cus_b', code: 'trial-already-used', exempted: false },
  });
});

test('the sixth payment method in a day must wait, and a repeat of the first does not count', async (t) => {
  const { customer, addCard, later, observed } = await riskSetup(t);
  await customer('cus_ada');
  t.deepEqual(statuses(await repeat(8, (index) => addCard('cus_ada', 'tok_ok', { id: `pm_${index}` }))), [
    ...Array(5).fill(201),
    ...Array(3).fill(429),
  ]);
  t.is(observed.filter((seen) => seen === 'payment-method-offered refuse').length, 3);
  later(1);
  t.is((await addCard('cus_ada', 'tok_ok', { id: 'pm_late' })).status, 201);
  t.is((await addCard('cus_ada', 'tok_ok', { id: 'pm_late' })).status, 200);
});

test('cards that the gateway refuses are counted separately, until the gateway receives no more requests', async (t) => {
  const { customer, addCard } = await riskSetup(t, { failedChecksPerCustomer: { limit: 7, hours: 1 } });
  await customer('cus_ada');
  const stolen = () => addCard('cus_ada', 'pm_stolen', { gateway: 'stripe' });
  for (let tries = 0; tries < 7; tries++)
    t.like(await stolen(), { status: 422, body: { code: 'payment-method-refused', errors: [{ pointer: '/token', code: 'stolen_card' }] } });

  t.like(await stolen(), { status: 429, body: { code: 'too-many-payment-methods' } });
});

test('blocked countries, of customers and of cards, are refused with a pointer, and recorded', async (t) => {
  const { customer, addCard, startTrial, callApi } = await riskSetup(t, { blockedCountries: ['KP'] });
  await customer('cus_ada');
  await customer('cus_kim', { country: 'KP' });

  const field = async (response: Promise<{ status: number; body: { code: string; errors: { pointer: string }[] } }>) => {
    const { status, body } = await response;
    return [status, body.code, body.errors[0]?.pointer];
  };
  t.deepEqual(await field(addCard('cus_ada', 'pm_korean', { gateway: 'stripe' })), [422, 'country-blocked', '/token']);
  t.deepEqual(await field(addCard('cus_kim', 'tok_ok')), [422, 'country-blocked', '']);
  t.deepEqual(await field(startTrial('cus_kim')), [422, 'country-blocked', '/customerId']);
  t.is((await addCard('cus_ada', 'pm_french', { gateway: 'stripe' })).status, 201);

  const { data } = (await callApi('get', '/v1/risk/decisions')).body;
  t.deepEqual(data.map(({ code, verdict }: { code: string; verdict: string }) => `${code} ${verdict}`).sort(), [
    'country-blocked refuse',
    'country-blocked refuse',
    'country-blocked refuse',
    'country-mismatch review',
  ]);
});

test('decisions contain no card, no household and no address', async (t) => {
  const { customer, startTrial, callApi, documents } = await riskSetup(t, { ...simulated, trialsPerSource: { limit: 1, hours: 1 } });
  for (const id of ['cus_a', 'cus_b']) await customer(id, { household: 'family-meyer', address: { line1: 'Main St 5' } }, 'tok_ok');
  await startTrial('cus_a', { sourceAddress: '203.0.113.7' });
  await startTrial('cus_b', { sourceAddress: '203.0.113.7' });

  const { data } = (await callApi('get', '/v1/risk/decisions', { query: { customerId: 'cus_b' } })).body;
  t.is(data.length, 1);
  t.deepEqual(data[0].reasons, ['trial-already-used', 'trial-already-used', 'too-many-trials']);
  const fingerprint = (await callApi('get', '/v1/customers/cus_b/payment-methods')).body.data[0].card.fingerprint;
  const kept = JSON.stringify([data, await documents.collection('risk_tallies').find().toArray()]);
  for (const personal of ['meyer', 'main', '203.0.113.7', fingerprint, 'cus_a']) t.false(kept.includes(personal), personal);
});

test('an exemption by an operator allows a customer until it is revoked, and a blocked country stays blocked', async (t) => {
  const { customer, startTrial, callApi } = await riskSetup(t, { ...simulated, blockedCountries: ['KP'] });
  for (const id of ['cus_a', 'cus_b', 'cus_c']) await customer(id, {}, 'tok_ok');
  await customer('cus_kim', { country: 'KP' });
  await startTrial('cus_a');
  for (const customerId of ['cus_b', 'cus_c', 'cus_kim'])
    t.is((await callApi('post', '/v1/risk/exemptions', { body: { customerId } })).status, 201);
  t.is((await callApi('delete', '/v1/risk/exemptions/cus_c')).status, 204);
  t.is((await callApi('delete', '/v1/risk/exemptions/cus_c')).status, 404);

  t.like(await startTrial('cus_b'), { status: 201, body: { status: 'trialing' } });
  t.is((await startTrial('cus_c')).body.code, 'trial-already-used');
  t.is((await startTrial('cus_kim')).body.code, 'country-blocked');

  t.like((await callApi('get', '/v1/risk/decisions', { query: { customerId: 'cus_b' } })).body.data[0], { exempted: true });
  t.like((await callApi('get', '/v1/audit', { query: { subject: 'cus_b', type: 'customer.risk-exempted' } })).body.data[0], {
    who: 'usr_test',
  });
});

test('an exemption ends at its instant', async (t) => {
  const { customer, startTrial, callApi, deliverStarted, later } = await riskSetup(t, simulated);
  for (const id of ['cus_a', 'cus_b']) await customer(id, {}, 'tok_ok');
  await startTrial('cus_a', { id: 'sub_a' });
  await deliverStarted('sub_a');
  await callApi('post', '/v1/risk/exemptions', { body: { customerId: 'cus_b', until: '2026-03-11T00:00:00Z' } });
  later(1);
  t.is((await startTrial('cus_b')).body.code, 'trial-already-used');
});

test('without a readable response every request is allowed, and counted', async (t) => {
  const { customer, startTrial, security, observed } = await riskSetup(t, simulated);
  for (const id of ['cus_a', 'cus_b', 'cus_c']) await customer(id, {}, 'tok_ok');
  await startTrial('cus_a');
  for (const [id, response] of [
    ['cus_b', () => Promise.reject(new Error('away'))],
    ['cus_c', async () => ({ verdict: 'perhaps' })],
  ] as const) {
    security.response = response;
    t.is((await startTrial(id)).status, 201);
  }
  t.deepEqual(observed.slice(-2), Array(2).fill('subscription-start unavailable'));
});

test('a risk check without a response ends after its time limit', async (t) => {
  const { customer, startTrial, security, observed } = await riskSetup(t, {}, 50);
  security.response = () => new Promise(() => {});
  await customer('cus_a', {}, 'tok_ok');
  t.is((await startTrial('cus_a')).status, 201);
  t.deepEqual(observed, ['payment-method-offered unavailable', 'subscription-start unavailable']);
});

test('rules are returned as they were saved, use their defaults, and invalid ones are refused with a pointer', async (t) => {
  const { callApi } = await riskSetup(t);
  const defaults = (await callApi('get', '/v1/risk/rules')).body;
  t.like(defaults, { methodsPerCustomer: { limit: 5, hours: 24 }, blockedCountries: [], onTrialUsed: 'refuse' });
  const written = await callApi('put', '/v1/risk/rules', { body: { methodsPerCustomer: null, blockedCountries: ['KP'] } });
  t.deepEqual(written.body, { ...defaults, methodsPerCustomer: null, blockedCountries: ['KP'] });
  t.deepEqual((await callApi('get', '/v1/risk/rules')).body, written.body);

  const pointer = async (body: object) => (await callApi('put', '/v1/risk/rules', { body })).body.errors[0].pointer;
  t.is(await pointer({ methodsPerCustomer: { limit: 0, hours: 1 } }), '/methodsPerCustomer/limit');
  t.is(await pointer({ blockedCountries: ['Germany'] }), '/blockedCountries/0');
  t.is(await pointer({ everything: 'off' }), '/everything');
  t.is((await callApi('post', '/v1/risk/exemptions', { body: { customerId: 'ada' } })).status, 422);
});
