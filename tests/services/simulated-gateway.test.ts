import test, { type ExecutionContext } from 'ava';
import type { Charge } from '../../services/payment/gateways/gateway.ts';
import { createSimulatedGateway, type SimulatedGateway } from '../../services/payment/gateways/simulated/simulated-gateway.ts';
import { startDocuments } from '../support/documents.ts';
import { noon } from '../support/money-events.ts';

const gateway = async (t: ExecutionContext) => createSimulatedGateway(await startDocuments(t));
const chargeWith = (paymentMethod: string, changes: Partial<Charge> = {}): Charge => ({
  reference: 'inv_1',
  amount: 1799,
  currency: 'EUR',
  customerId: 'cus_1',
  paymentMethod,
  ...changes,
});

for (const [token, expected] of [
  ['tok_ok', { kind: 'succeeded' }],
  ['tok_declined', { kind: 'declined', code: 'insufficient_funds' }],
  ['tok_stolen', { kind: 'declined', code: 'stolen_card' }],
  ['tok_expired', { kind: 'declined', code: 'expired_card' }],
  ['tok_3ds', { kind: 'action-required' }],
  ['tok_timeout', { kind: 'unknown' }],
  ['tok_declined_until:2026-01-31T12:00:00.001Z', { kind: 'declined', code: 'insufficient_funds' }],
  ['tok_declined_until:2026-01-31T12:00:00Z', { kind: 'succeeded' }],
  ['tok_declined_until:2026-02-30T00:00:00Z', { kind: 'declined', code: 'invalid_payment_method' }],
  ['tok_none', { kind: 'declined', code: 'invalid_payment_method' }],
  ['constructor', { kind: 'declined', code: 'invalid_payment_method' }],
] as const)
  test(`${token} gives ${JSON.stringify(expected)}`, async (t) => {
    const { create } = await gateway(t);

    t.like(await create('k', chargeWith(token), noon), expected);
  });

test('a repeated key with the same parameters gets the stored response and makes one charge, also concurrently', async (t) => {
  const { create, ledger } = await gateway(t);

  const outcomes = await Promise.all(Array.from({ length: 20 }, () => create('k', chargeWith('tok_ok'), noon)));

  t.is(new Set(outcomes.map((answer) => JSON.stringify(answer))).size, 1);
  t.like(await ledger(), { length: 1, 0: { reference: 'inv_1', amount: 1799, currency: 'EUR' } });
});

test('a stored decline is returned again even when the method would work by now', async (t) => {
  const { create, ledger } = await gateway(t);
  const charge = chargeWith('tok_declined_until:2026-02-01T00:00:00Z');

  await create('k', charge, noon);

  t.like(await create('k', charge, '2026-03-01T00:00:00.000Z'), { kind: 'declined' });
  t.deepEqual(await ledger(), []);
});

test('a key that is repeated with other parameters is refused', async (t) => {
  const { create, confirm, ledger } = await gateway(t);
  const declined = await create('k', chargeWith('tok_declined'), noon);
  const { intentId } = declined as { intentId: string };

  await t.throwsAsync(create('k', chargeWith('tok_declined', { amount: 1 }), noon), { message: /other parameters/ });
  await t.throwsAsync(confirm('k', intentId, 'tok_ok', noon), { message: /other parameters/ });
  t.deepEqual(await ledger(), []);
});

test('a lost response is returned by a repeat of the key, and by a sync', async (t) => {
  const { create, lookUp, ledger } = await gateway(t);

  t.deepEqual(await create('k', chargeWith('tok_timeout'), noon), { kind: 'unknown' });

  t.like(await create('k', chargeWith('tok_timeout'), noon), { kind: 'succeeded' });
  t.like(await lookUp({ reference: 'inv_1', customerId: 'cus_1' }, null, noon), { kind: 'succeeded' });
  t.is((await ledger()).length, 1);
});

test('a declined intent can be confirmed with another method, and is charged once whatever follows', async (t) => {
  const { create, confirm, cancel, ledger } = await gateway(t);
  const { intentId } = (await create('k', chargeWith('tok_declined'), noon)) as { intentId: string };

  t.like(await confirm('a2', intentId, 'tok_ok', noon), { kind: 'succeeded' });
  const later = await Promise.all([
    confirm('a3', intentId, 'tok_ok', noon),
    confirm('a2', intentId, 'tok_ok', noon),
    cancel('c', intentId, noon),
  ]);

  t.deepEqual(
    later.map(({ kind }) => kind),
    ['succeeded', 'succeeded', 'succeeded'],
  );
  t.is((await ledger()).length, 1);
});

test('concurrent confirmations of one intent under different keys make one charge', async (t) => {
  const { create, confirm, ledger } = await gateway(t);
  const { intentId } = (await create('k', chargeWith('tok_declined'), noon)) as { intentId: string };

  const outcomes = await Promise.all(Array.from({ length: 16 }, (_, index) => confirm(`a${index}`, intentId, 'tok_ok', noon)));

  t.true(outcomes.every(({ kind }) => kind === 'succeeded'));
  t.is((await ledger()).length, 1);
});

test('after authentication the intent that required it is charged', async (t) => {
  const { create, confirmAuthenticated, ledger } = await gateway(t);
  const challenged = await create('k', chargeWith('tok_3ds'), noon);

  t.true(challenged.kind === 'action-required' && challenged.clientSecret.length > 0);
  t.deepEqual(await ledger(), []);
  t.like(await confirmAuthenticated('k2', (challenged as { intentId: string }).intentId, noon), { kind: 'succeeded' });
  t.is((await ledger()).length, 1);
});

test('authentication does not charge an intent that did not require it', async (t) => {
  const { create, confirmAuthenticated, ledger } = await gateway(t);
  const { intentId } = (await create('k', chargeWith('tok_stolen'), noon)) as { intentId: string };

  t.like(await confirmAuthenticated('k2', intentId, noon), { kind: 'declined', code: 'stolen_card' });
  t.deepEqual(await ledger(), []);
});

test('a cancelled intent can never be charged', async (t) => {
  const { create, confirm, cancel, ledger } = await gateway(t);
  const { intentId } = (await create('k', chargeWith('tok_declined'), noon)) as { intentId: string };

  t.like(await cancel('c', intentId, noon), { kind: 'cancelled' });

  t.like(await confirm('a2', intentId, 'tok_ok', noon), { kind: 'cancelled' });
  t.deepEqual(await ledger(), []);
});

test('a sync of a reference that was never charged returns that it is absent', async (t) => {
  const { lookUp } = await gateway(t);

  t.deepEqual(await lookUp({ reference: 'inv_none', customerId: 'cus_1' }, null, noon), { kind: 'absent' });
});

const paid = async (gateway: SimulatedGateway, token = 'tok_ok') => {
  const outcome = await gateway.create('k', chargeWith(token), noon);
  return { intentId: (outcome as { intentId: string }).intentId, reference: 're_1' };
};

test('refunds never exceed the charge in sum, also concurrently', async (t) => {
  const simulated = await gateway(t);
  const { intentId } = await paid(simulated);

  const outcomes = await Promise.all(
    Array.from({ length: 10 }, (_, n) => simulated.refund(`r${n}`, { reference: `re_${n}`, intentId, amount: 500 }, noon)),
  );

  t.is(outcomes.filter(({ kind }) => kind === 'succeeded').length, 3);
  t.true(outcomes.every((outcome) => outcome.kind !== 'refused' || outcome.code === 'amount_too_large'));
  t.like(await simulated.ledger(), [{ refunded: 1500 }]);
});

test('a repeated refund gets the stored response and refunds once, and with another amount it is refused', async (t) => {
  const simulated = await gateway(t);
  const order = { ...(await paid(simulated)), amount: 1799 };

  const first = await simulated.refund('r', order, noon);

  t.like(first, { kind: 'succeeded' });
  t.deepEqual(await simulated.refund('r', order, noon), first);
  await t.throwsAsync(simulated.refund('r', { ...order, amount: 1 }, noon), { message: /other parameters/ });
  t.like(await simulated.ledger(), [{ refunded: 1799 }]);
});

test('a refund may be pending until it is read, or be refused', async (t) => {
  const slow = await gateway(t);
  const order = { ...(await paid(slow, 'tok_refund_pending')), amount: 100 };
  const closed = await gateway(t);

  t.deepEqual(await slow.lookUpRefund(order, null), { kind: 'absent' });
  t.like(await slow.refund('r', order, noon), { kind: 'pending' });
  t.like(await slow.lookUpRefund(order, null), { kind: 'succeeded' });
  t.like(await closed.refund('r', { ...(await paid(closed, 'tok_refund_refused')), amount: 100 }, noon), {
    kind: 'refused',
    code: 'charge_not_refundable',
  });
  t.like(await closed.ledger(), [{ refunded: 0 }]);
});

test('an intent that was not charged is not refunded', async (t) => {
  const simulated = await gateway(t);
  const order = { ...(await paid(simulated, 'tok_declined')), amount: 100 };

  t.like(await simulated.refund('r', order, noon), { kind: 'refused', code: 'charge_not_found' });
});
