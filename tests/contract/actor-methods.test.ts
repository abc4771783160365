import test from 'ava';
import { DateTime } from 'luxon';
import { bodyOf } from '../support/api-client.ts';
import { makeCustomer, makePlan, type RunningMarquee } from '../support/marquee.ts';
import { sharedMarquee } from '../support/shared-marquee.ts';

/**
 * An app of somebody else's, which reaches the actor through a sidecar and knows no service of
 * ours.
 */
const appBeside =
  ({ sidecar }: RunningMarquee) =>
  async (id: string, method: string, body: object = {}, idempotencyKey?: string) => {
    const response = await fetch(`${sidecar.url}/v1.0/actors/Subscription/${id}/method/${method}`, {
      method: 'PUT',
      headers: {
        'dapr-api-token': sidecar.tokens.sidecar,
        'content-type': 'application/json',
        ...(idempotencyKey && { 'idempotency-key': idempotencyKey }),
      },
      body: JSON.stringify(body),
    });
    return JSON.parse(await response.text());
  };

test('given a subscription, when an app calls its actor through a sidecar, then it accepts the bodies of the API and returns the same results', async (t) => {
  const marquee = await sharedMarquee();
  const { client } = marquee;
  const call = appBeside(marquee);
  await makePlan(client, 'plan_basic');
  await makePlan(client, 'plan_premium', { amount: 1799 });
  await makeCustomer(client, 'cus_1');
  bodyOf(await client.post('/v1/subscriptions', { id: 'sub_1', customerId: 'cus_1', planId: 'plan_basic' }));
  const shown = async () => bodyOf(await client.get('/v1/subscriptions/sub_1'));

  t.deepEqual((await call('sub_1', 'get')).subscription, await shown());

  const upgraded = await call('sub_1', 'change', { planId: 'plan_premium', proration: 'none' }, 'key-1');
  t.like(upgraded, { ok: true, subscription: { planId: 'plan_premium', price: { amount: 1799, currency: 'EUR' } } });
  t.deepEqual(await call('sub_1', 'change', { planId: 'plan_premium', proration: 'none' }, 'key-1'), upgraded, 'a repeat changes nothing');
  t.deepEqual((await call('sub_1', 'get')).subscription, await shown());

  const downgraded = await call('sub_1', 'change', { planId: 'plan_basic' });
  t.is(downgraded.subscription.planId, 'plan_premium', 'a cheaper plan waits for the end of the period');
  t.is(downgraded.subscription.scheduledChange.planId, 'plan_basic');

  t.is((await call('sub_1', 'cancel')).subscription.cancelAt, (await shown()).currentPeriod.end);
  t.is((await call('sub_1', 'uncancel')).subscription.cancelAt, null);
  const until = DateTime.utc().plus({ days: 10 }).toISO();
  t.is((await call('sub_1', 'pause', { when: 'now', until })).subscription.status, 'paused');
  t.is((await call('sub_1', 'resume')).subscription.status, 'active');
  const { events, last } = await call('sub_1', 'history');
  t.is(events.length, last);
  t.deepEqual(events, bodyOf(await client.get('/v1/subscriptions/sub_1/events')).data);
});

test('given a subscription, when an app sends its actor an impossible request, then the response gives the reason and nothing changes', async (t) => {
  const marquee = await sharedMarquee();
  const { client } = marquee;
  const call = appBeside(marquee);
  await makePlan(client, 'plan_plain');
  await makePlan(client, 'plan_dollars', { currency: 'USD' });
  await makeCustomer(client, 'cus_2');
  bodyOf(await client.post('/v1/subscriptions', { id: 'sub_2', customerId: 'cus_2', planId: 'plan_plain' }));
  const before = await call('sub_2', 'history');

  const refused = async (body: object) => (await call('sub_2', 'change', body)).rejection;
  t.like(await refused({ planId: 'plan_none' }), { code: 'plan-not-found', pointer: '/planId' });
  t.like(await refused({ planId: 'plan_dollars' }), { code: 'price-missing', pointer: '/currency' });
  t.like(await refused({ interval: { unit: 'year', count: 1 } }), { code: 'price-missing', pointer: '/interval' });
  t.like(await refused({ quantity: 0 }), { code: 'invalid-field', pointer: '/quantity' });
  t.like(await refused({ planId: 'plan_plain', terms: {} }), { code: 'invalid-field' });
  t.like(await call('sub_none', 'change', { planId: 'plan_plain' }), { ok: false, rejection: { code: 'subscription-not-found' } });
  t.like(await call('sub_2', 'tellAgain', { invoiceId: 'inv_none' }), { ok: false, rejection: { code: 'invoice-not-asked' } });
  t.like(await call('sub_none', 'tellAgain', { invoiceId: 'inv_none' }), { ok: false, rejection: { code: 'subscription-not-found' } });
  t.like(await call('%2573ub_2', 'cancel'), { ok: false, rejection: { code: 'path-id-invalid' } });
  t.deepEqual(await call('sub_2', 'history'), before);
});
