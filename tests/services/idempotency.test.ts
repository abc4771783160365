import test, { type ExecutionContext } from 'ava';
import { createAccountService } from '../../services/account/index.ts';
import { createIdempotency, expireOldKeys, forgetAnswersAbout } from '../../services/shared/idempotency.ts';
import { problem } from '../../services/shared/problem.ts';
import { created } from '../../services/shared/route.ts';
import { indexesReady, startDocuments } from '../support/documents.ts';
import { testPlatform } from '../support/platform.ts';
import { request } from '../support/service.ts';

const body = { path: '/v1/things', body: {} };
const slow = 21_000;

async function keysOf(t: ExecutionContext) {
  const documents = await startDocuments(t);
  let now = Date.parse('2026-02-01T00:00:00.000Z');
  const idempotency = createIdempotency(documents, () => now);
  await indexesReady(documents);
  const stored = () => documents.collection('idempotency_keys').find({}).toArray();
  return {
    documents,
    idempotency,
    stored,
    pass: (millis: number) => {
      now += millis;
    },
  };
}

test('a request that was slow answers as the one that took its key over, however often it is repeated', async (t) => {
  const { idempotency, pass } = await keysOf(t);
  const answers: unknown[] = [];

  const first = await idempotency.once('key', body, async () => {
    pass(slow);
    answers.push((await idempotency.once('key', body, async () => created({ by: 'second' }))).answer);
    return created({ by: 'first' });
  });
  answers.push(first.answer, (await idempotency.once('key', body, async () => created({ by: 'third' }))).answer);

  t.deepEqual(answers, Array(3).fill(created({ by: 'second' })));
});

test('a slow request that fails does not let go of the key that another one has', async (t) => {
  const { idempotency, pass } = await keysOf(t);
  let runs = 0;
  const run = async () => {
    runs += 1;
    return created({});
  };

  await idempotency.once('key', body, async () => {
    pass(slow);
    await idempotency.once('key', body, run);
    return problem(503, 'not-available', 'Away.');
  });
  await t.throwsAsync(
    idempotency.once('other', body, async () => {
      pass(slow);
      await idempotency.once('other', body, run);
      throw new Error('away');
    }),
  );

  t.true((await idempotency.once('key', body, run)).replayed);
  t.true((await idempotency.once('other', body, run)).replayed);
  t.is(runs, 2);
});

test('a slow request whose key is still used by another one responds that it is running', async (t) => {
  const { idempotency, pass } = await keysOf(t);
  const { promise: until, resolve } = Promise.withResolvers<void>();
  let second: Promise<unknown> = Promise.resolve();

  const first = await idempotency.once('key', body, async () => {
    pass(slow);
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    second = idempotency.once('key', body, async () => {
      begin();
      await until;
      return created({ by: 'second' });
    });
    await begun;
    return created({ by: 'first' });
  });
  resolve();

  t.like(first.answer, { code: 'idempotency-key-in-progress' });
  t.like(await second, { answer: { body: { by: 'second' } } });
});

test('a key expires after 30 days, also one of an earlier version', async (t) => {
  const { documents, idempotency, stored } = await keysOf(t);
  await idempotency.once('key', body, async () => created({}));
  const old = { _id: 'old', bodyHash: 'x', startedAt: new Date(), answer: created({}) } as never;
  await documents.collection('idempotency_keys').insertOne(old);

  await expireOldKeys(documents, new Date('2026-02-01T00:00:00.000Z'));

  t.deepEqual(
    (await stored()).map(({ expiresAt }) => expiresAt),
    Array(2).fill(new Date('2026-03-03T00:00:00.000Z')),
  );
});

test('after an erasure nothing personal is remembered, and a repeat is refused without running again', async (t) => {
  const { documents, idempotency, stored } = await keysOf(t);
  const answer = created({ id: 'cus_1', email: 'ada@example.com' });
  await idempotency.once('key', { path: '/v1/customers', body: { email: 'ada@example.com' } }, async () => answer);
  await idempotency.once('credit', { path: '/v1/customers/cus_1/credits', body: { reason: 'for Ada' } }, async () =>
    created({ reason: 'for Ada' }),
  );
  await idempotency.once('other', { path: '/v1/customers/cus_2/credits', body: {} }, async () => created({ id: 'kept' }));

  await forgetAnswersAbout(documents, 'cus_1');

  t.false(/ada/i.test(JSON.stringify(await stored())));
  const repeat = await idempotency.once(
    'key',
    { path: '/v1/customers', body: { email: 'ada@example.com' } },
    async () => t.fail() as never,
  );
  t.like(repeat, { answer: { status: 409, code: 'customer-erased' }, replayed: true });
  t.like(await idempotency.once('other', { path: '/v1/customers/cus_2/credits', body: {} }, async () => t.fail() as never), {
    answer: { body: { id: 'kept' } },
  });
});

test('the erasure of a customer removes what is remembered of requests about them', async (t) => {
  const { documents, idempotency, stored } = await keysOf(t);
  const service = createAccountService(testPlatform({ documents, published: [], publish: async () => {} }));
  await indexesReady(documents);
  const customer = {
    id: 'cus_1',
    email: 'ada@example.com',
    name: 'Ada',
    locale: 'en',
    country: 'DE',
    currency: 'EUR',
    timezone: 'Europe/Berlin',
  };
  await request(service, 'post', '/v1/customers', { body: customer });
  await idempotency.once('key', { path: '/v1/customers', body: customer }, async () => created(customer));

  t.is((await request(service, 'delete', '/v1/customers/cus_1')).status, 204);

  t.false(/ada/i.test(JSON.stringify(await stored())));
});
