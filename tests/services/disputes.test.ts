import test, { type ExecutionContext } from 'ava';
import type { DisputeResource } from '../../services/shared/contracts/dispute-resource.ts';
import type { MarqueeEvent } from '../../services/shared/events.ts';
import type { Invoke } from '../../services/shared/service.ts';
import { invoiceFinalised, noon } from '../support/money-events.ts';
import { accountWith, paymentId as id, paidWith, paymentOf, settledAs } from '../support/payment-service.ts';
import { deliver, request } from '../support/service.ts';
import { returnEvent, send, storedWebhooks, stripeWebhooks } from '../support/stripe-webhooks.ts';
import { until } from '../support/wait-until.ts';

/** A successful payment, and the actions of the bank of its customer. */
async function paid(t: ExecutionContext, token = 'tok_ok') {
  const parts = await paidWith(t, token, { config: { stripe: stripeWebhooks } });
  const { service, gateway, published, intentId } = parts;
  const disputes = async () => (await request(service, 'get', '/v1/disputes')).body.data as DisputeResource[];
  const post = (path: string, body?: object) => request(service, 'post', path, { body });
  return {
    ...parts,
    disputes,
    disputeThere: (changes: object = {}) =>
      gateway.openDispute?.(intentId, { reason: 'fraudulent', status: 'needs-response', ...changes }, noon),
    deliverWebhook: (type = 'charge.dispute.updated', event = `evt_${type}`) => send(service, returnEvent(event, type, intentId)),
    open: (body: object = {}) => post(`/v1/payments/${id}/disputes`, body),
    respond: async (verb: string, body?: object) => post(`/v1/disputes/${(await disputes())[0]?.id}/${verb}`, body),
    refund: (body: object = {}) => post(`/v1/payments/${id}/refunds`, { reason: 'sorry', to: 'method', ...body }),
    disputed: async () => (await request(service, 'get', `/v1/payments/${id}`)).body.amountDisputed,
    disputeEvents: () => published.filter(({ type }) => type.startsWith('dispute.')) as unknown as MarqueeEvent<'dispute.*'>[],
    stands: (status: string) => until(async () => (await disputes())[0]?.status === status),
  };
}

/** Each event once, as `type sequence`, because a repeat under one id is the same event. */
const once = (events: readonly MarqueeEvent[]) => [...new Set(events.map(({ type, sequence }) => `${type} ${sequence}`))];

test('a dispute at the gateway is recorded and published, and its money cannot be refunded too', async (t) => {
  const { disputeThere, deliverWebhook, stands, disputes, disputed, disputeEvents, refund } = await paid(t);
  await disputeThere({ amount: 1000 });

  await deliverWebhook('charge.dispute.created');
  await stands('needs-response');
  await until(() => disputeEvents().length > 0);

  const [dispute] = await disputes();
  t.like(dispute, { paymentId: id, amount: 1000, currency: 'EUR', reason: 'fraudulent', evidenceDueBy: '2026-02-07T12:00:00.000Z' });
  t.like(disputeEvents(), [{ type: 'dispute.opened', id: `${dispute?.id}:1`, data: { amount: 1000, invoiceId: 'inv_sub_1_1' } }]);
  t.is(await disputed(), 1000);
  t.like(await refund(), { status: 201, body: { status: 'failed', failureCode: 'charge_disputed' } }, 'nor does the gateway give the rest');
  t.like(await refund({ amount: 1000 }), { status: 409, body: { code: 'payment-disputed' } });
  t.like(await refund({ amount: 1000, to: 'credit' }), { status: 409, body: { code: 'payment-disputed' } });
  t.like(await refund({ amount: 1800 }), { status: 422, body: { code: 'exceeds-refundable' } });
  t.like(await refund({ amount: 799, to: 'credit' }), { body: { status: 'succeeded' } });
});

test('on a test clock a dispute that immediately follows a charge is published as a consequence of its payment', async (t) => {
  const tokens = ['tok_dispute_lost'];
  const testClock = 'tc_1';
  const invoke: Invoke = async (asked, method, path, body) =>
    path === `test-clocks/${testClock}` ? { id: testClock, now: noon } : accountWith(tokens)(asked, method, path, body);
  const { service, published } = await paymentOf(t, { tokens, invoke });
  await deliver(service, { ...invoiceFinalised(), testClock });
  await settledAs(service, 'succeeded');
  const succeeded = published.find(({ type }) => type === 'payment.succeeded') as MarqueeEvent;

  const follows = await deliver(service, succeeded);

  const [dispute] = (await request(service, 'get', '/v1/disputes')).body.data as DisputeResource[];
  t.deepEqual(follows, [`${dispute?.id}:1`, `${dispute?.id}:2`]);
  t.deepEqual(await deliver(service, succeeded), follows, 'whoever has told them');
});

for (const [token, events, left] of [
  ['tok_dispute_lost', ['dispute.opened 1', 'dispute.lost 2'], { code: 'payment-disputed' }],
  ['tok_dispute_won', ['dispute.opened 1', 'dispute.won 3'], { status: 'succeeded', amount: 1799 }],
] as const)
  test(`a charge of the method ${token} is disputed by its customer, and the money follows`, async (t) => {
    const { stands, disputeEvents, refund } = await paid(t, token);

    await stands(token.slice('tok_dispute_'.length));
    await until(() => once(disputeEvents()).length === 2);

    t.deepEqual(once(disputeEvents()), [...events]);
    t.like((await refund()).body, left);
  });

test('evidence submits a dispute to the bank, which decides it', async (t) => {
  const { open, respond, disputeEvents, disputed } = await paid(t);
  t.like(await open(), { status: 201, body: { status: 'needs-response', amount: 1799 } });

  t.like(await respond('evidence', { text: 'winning_evidence: they watched it all' }), { status: 200, body: { status: 'won' } });

  t.deepEqual(once(disputeEvents()), ['dispute.opened 1', 'dispute.won 3']);
  t.is(await disputed(), 0);
  t.like(await respond('evidence', { text: 'more' }), { status: 409, body: { code: 'dispute-not-open' } });
});

test('inconclusive evidence leaves a dispute under review, and an accepted dispute is lost', async (t) => {
  const { open, respond, documents, disputed } = await paid(t);
  await open({ amount: 700 });
  t.like(await respond('evidence', { text: 'a log' }), { body: { status: 'under-review' } });
  await documents.collection('simulated_gateway_intents').updateOne({}, { $set: { 'disputes.0.status': 'needs-response' } });

  t.like(await respond('accept'), { status: 200, body: { status: 'lost', amount: 700 } });

  t.is(await disputed(), 700);
  t.like(await respond('accept'), { status: 409, body: { code: 'dispute-not-open' } });
});

test('an inquiry moves no money and is not published, and one that becomes a dispute moves money and is published', async (t) => {
  const { open, disputed, disputeEvents, documents, deliverWebhook, stands, refund } = await paid(t);
  t.like(await open({ status: 'inquiry' }), { body: { status: 'inquiry' } });
  t.is(await disputed(), 0);
  t.like(await refund({ amount: 100 }), { body: { status: 'succeeded' } });
  t.deepEqual(disputeEvents(), []);

  await documents.collection('simulated_gateway_intents').updateOne({}, { $set: { 'disputes.0.status': 'needs-response' } });
  await deliverWebhook();
  await stands('needs-response');

  await until(() => once(disputeEvents()).length === 1);
  t.is(await disputed(), 1699, 'what went back before is not disputed as well');
});

test('an appeal wins a lost dispute, and a won dispute stays won', async (t) => {
  const { open, respond, deliverWebhook, documents, disputeEvents, stands, disputes, service } = await paid(t);
  await open();
  await respond('accept');
  const stand = (status: string) =>
    documents.collection('simulated_gateway_intents').updateOne({}, { $set: { 'disputes.0.status': status } });

  await stand('won');
  await deliverWebhook('charge.dispute.funds_reinstated');
  await stands('won');
  await stand('lost');
  await deliverWebhook('charge.dispute.closed');
  await until(async () => (await storedWebhooks(service)).every(({ handledAt }) => handledAt !== null));

  t.is((await disputes())[0]?.status, 'won');
  t.deepEqual(once(disputeEvents()), ['dispute.opened 1', 'dispute.lost 2', 'dispute.won 3']);
});

test('a dispute that a crash left unpublished is published at the next start', async (t) => {
  const { service, disputeThere, deliverWebhook, stands, disputeEvents, documents, anotherProcess } = await paid(t);
  await disputeThere();
  await deliverWebhook();
  await until(async () => (await storedWebhooks(service))[0]?.handledAt !== null);
  t.is(disputeEvents().length, 1);
  await documents.collection('payments').updateOne({ _id: id as never }, { $set: { 'disputes.0.told': 0 } });
  await documents.collection('payment_disputes').deleteMany({});
  await documents.collection('payment_webhooks').updateMany({}, { $set: { handledAt: null } });

  await anotherProcess();

  await until(() => disputeEvents().length === 2);
  await stands('needs-response');
  t.is(once(disputeEvents()).length, 1, 'under the same id');
});

test('disputes are listed by payment and status, and an unknown dispute is 404', async (t) => {
  const { service, open } = await paid(t);
  await open();
  const list = async (query: object) => ((await request(service, 'get', '/v1/disputes', { query })).body.data as unknown[]).length;

  t.is(await list({ paymentId: id, status: 'needs-response' }), 1);
  t.is(await list({ status: 'lost' }), 0);
  t.like(await request(service, 'get', '/v1/disputes/dsp_none'), { status: 404, body: { code: 'dispute-not-found' } });
  t.like(await request(service, 'post', '/v1/disputes/dsp_none/accept'), { status: 404 });
  t.like(await open({ amount: 1800 }), { status: 409, body: { code: 'payment-not-disputable' } });
});
