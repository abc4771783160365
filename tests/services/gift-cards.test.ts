import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { createInvoicingService } from '../../services/invoicing/index.ts';
import { giftCodeHash, newGiftCode } from '../../services/shared/gift-code.ts';
import { indexesReady, startDocuments } from '../support/documents.ts';
import { customerCreated } from '../support/money-events.ts';
import { testPlatform } from '../support/platform.ts';
import { deliver, request } from '../support/service.ts';

async function cards(t: ExecutionContext) {
  const documents = await startDocuments(t);
  const service = createInvoicingService(testPlatform({ documents, published: [] }));
  await indexesReady(documents);
  await deliver(service, customerCreated('cus_1'), customerCreated('cus_2'));
  const issue = async (body: object = {}) =>
    (await request(service, 'post', '/v1/gift-cards', { body: { amount: 5000, currency: 'EUR', ...body } })).body;
  const redeem = (code: unknown, customer = 'cus_1') =>
    request(service, 'post', `/v1/customers/${customer}/gift-cards`, { body: { code } });
  const balance = async (customer = 'cus_1') => (await request(service, 'get', `/v1/customers/${customer}/credit-balance`)).body.amount;
  return { service, issue, redeem, balance, documents };
}

test('a gift card becomes account credit by its code, once, in any spelling of the code', async (t) => {
  const { issue, redeem, balance } = await cards(t);
  const { code, id } = await issue({ expiresAt: '2030-01-01T00:00:00Z' });

  t.like(await redeem(String(code).toLowerCase().replaceAll('-', ' ')), {
    status: 201,
    body: { balance: { amount: 5000, currency: 'EUR' } },
  });
  t.is((await redeem(code)).status, 201, 'a repeat by the same customer is accepted');

  t.is(await balance(), 5000);
  t.like(await redeem(code, 'cus_2'), { status: 422, body: { code: 'gift-card-redeemed', errors: [{ pointer: '/code' }] } });
  t.is(await balance('cus_2'), 0);
  t.truthy(id);
});

test('of many customers who redeem one card concurrently, one receives its money', async (t) => {
  const { issue, redeem, balance } = await cards(t);
  const { code } = await issue();

  const responses = await Promise.all(Array.from({ length: 20 }, (_, n) => redeem(code, `cus_${(n % 2) + 1}`)));

  t.is(new Set(responses.filter(({ status }) => status === 201).map(({ body }) => body.customerId)).size, 1);
  t.deepEqual([await balance('cus_1'), await balance('cus_2')].toSorted(), [0, 5000]);
});

test('a code is returned once and never stored; a repeat replaces it until the card is redeemed', async (t) => {
  const { service, issue, redeem, documents } = await cards(t);
  const first = await issue({ id: 'gc_1' });
  const second = await issue({ id: 'gc_1' });

  t.not(first.code, second.code);
  t.like(await redeem(first.code), { body: { code: 'gift-card-not-found' } });
  t.is((await redeem(second.code)).status, 201);
  t.is((await issue({ id: 'gc_1' })).code, undefined);
  t.like(await request(service, 'post', '/v1/gift-cards', { body: { id: 'gc_1', amount: 1, currency: 'EUR' } }), { status: 409 });
  const stored = JSON.stringify(await documents.collection('gift_cards').find().toArray());
  t.false(stored.includes(String(second.code)));
  t.is((await request(service, 'get', '/v1/gift-cards/gc_1')).body.codeHash, undefined);
});

test('a cancelled, expired or unknown card grants nothing', async (t) => {
  const { service, issue, redeem, balance } = await cards(t);
  const [gone, late] = [await issue(), await issue({ expiresAt: '2026-01-01T00:00:00Z' })];
  t.like(await request(service, 'post', `/v1/gift-cards/${gone.id}/cancel`), { status: 200, body: { status: 'cancelled' } });

  t.like(await redeem(gone.code), { status: 422, body: { code: 'gift-card-cancelled' } });
  t.like(await redeem(late.code), { status: 422, body: { code: 'gift-card-expired' } });
  t.like(await redeem('AAAA-AAAA-AAAA-AAAA'), { status: 422, body: { code: 'gift-card-not-found' } });
  t.is((await redeem(gone.code, 'cus_none')).status, 404);
  t.is(await balance(), 0);
});

test('law: every spelling of a code is the same code, and no two codes are equal', (t) => {
  const code = fc.constant(null).map(newGiftCode);
  const written = fc.constantFrom(
    (text: string) => text.toLowerCase(),
    (text: string) => text.replaceAll('-', ''),
    (text: string) => text.replaceAll('0', 'o').replaceAll('1', 'l'),
    (text: string) => ` ${text.replaceAll('-', ' - ')}`,
  );
  fc.assert(
    fc.property(code, code, written, (one, other, write) => {
      if (!/^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/.test(one)) throw new Error(one);
      if (giftCodeHash(write(one)) !== giftCodeHash(one) || giftCodeHash(one) === giftCodeHash(other)) throw new Error(`${one} ${other}`);
    }),
  );
  t.pass();
});
