import test from 'ava';
import { noPassword, passwordMatches, storedPassword } from '../../services/auth/passwords.ts';
import { mayGrant, scopeSchema } from '../../services/auth/scopes.ts';
import { createThrottle, waitMillisAfter } from '../../services/auth/throttle.ts';

const granting = test.macro<[held: string[], requested: string[], may: boolean]>({
  exec: (t, held, requested, may) => {
    t.is(mayGrant(held, requested), may);
  },
  title: (_, held, requested, may) => `a holder of ${held.join(' ') || 'nothing'} ${may ? 'may' : 'may not'} grant ${requested.join(' ')}`,
});
test(granting, ['admin'], ['customers:write', 'admin'], true);
test(granting, ['customers:write'], ['customers:read'], true);
test(granting, ['customers:read'], ['customers:write'], false);
test(granting, ['customers:write', 'plans:read'], ['customers:write', 'plans:write'], false);
test(granting, ['self'], ['admin'], false);
test(granting, [], ['self'], false);

for (const [scope, valid] of [
  ['customers:read', true],
  ['test-clocks:write', true],
  ['admin', true],
  ['customers', false],
  ['customers:delete', false],
  ['Customers:read', false],
  ['customers:read admin', false],
] as const)
  test(`"${scope}" is ${valid ? 'a scope' : 'not a scope'}`, (t) => {
    t.is(scopeSchema.safeParse(scope).success, valid);
  });

test('a stored password matches only itself, also in another Unicode form, and keeps its parameters', async (t) => {
  const stored = await storedPassword('caf\u00e9 au lait');
  t.true(await passwordMatches('cafe\u0301 au lait', stored));
  t.false(await passwordMatches('cafe au lait', stored));
  t.like(stored, { cost: 32768, blockSize: 8, parallelization: 3 });
  t.not((await storedPassword('caf\u00e9 au lait')).hash, stored.hash);
});

test('no password matches an account that does not exist', async (t) => {
  t.false(await passwordMatches('', noPassword));
  t.false(await passwordMatches('anything', noPassword));
});

test('waits start with the fifth failure, double, and are at most a quarter of an hour', (t) => {
  t.deepEqual([0, 1, 4, 5, 6, 7, 10, 11, 50].map(waitMillisAfter), [0, 0, 0, 15_000, 30_000, 60_000, 480_000, 900_000, 900_000]);
});

test('a burst of guesses at one account is stopped after five, and other accounts do not wait', async (t) => {
  let guesses = 0;
  const throttle = createThrottle(() => 0);
  const guess = async () => {
    guesses += 1;
    return undefined;
  };
  const outcomes = await Promise.all(Array.from({ length: 20 }, () => throttle.attempt('a', guess)));
  t.is(guesses, 5);
  t.deepEqual(outcomes.slice(5), Array(15).fill({ waitSeconds: 15 }));
  t.is(await throttle.attempt('b', async () => 'in'), 'in');
});

test('a success clears the failures before it, and so does an hour', async (t) => {
  let now = 0;
  const throttle = createThrottle(() => now);
  const fail = () => throttle.attempt('a', async () => undefined);
  for (let n = 0; n < 4; n++) await fail();
  t.is(await throttle.attempt('a', async () => 'in'), 'in');
  for (let n = 0; n < 4; n++) t.is(await fail(), undefined);
  now += 61 * 60_000;
  for (let n = 0; n < 5; n++) t.is(await fail(), undefined);
  t.deepEqual(await fail(), { waitSeconds: 15 });
});

test('an attempt that throws does not block the account', async (t) => {
  const throttle = createThrottle(() => 0);
  await t.throwsAsync(throttle.attempt('a', () => Promise.reject(new Error('the store is unavailable'))));
  t.is(await throttle.attempt('a', async () => 'in'), 'in');
});
