import test from 'ava';
import fc from 'fast-check';
import { defaultRetryPolicy, escalationAfter, type Failure } from '../../../actors/subscription/rules/retry-policy.ts';
import type { RetryPolicy } from '../../../actors/subscription/rules/subscription-parts.ts';
import { dayMillis, localMillisOf } from '../../../services/shared/local-time.ts';
import { type Instant, millisOf } from '../../../services/shared/time.ts';
import { lawRuns } from '../../support/law-runs.ts';
import { instantArbitrary, zoneArbitrary } from '../../support/random-terms.ts';
import { utc } from '../../support/subscription-life.ts';

type Row = { failure?: Partial<Failure>; first?: string; policy: Partial<RetryPolicy>; zone?: string; retryAt: string | null };

const retry = test.macro((t, { failure, first = '2026-03-01 10:00', policy, zone = 'UTC', retryAt }: Row) => {
  const happened: Failure = {
    attempt: 1,
    category: 'soft',
    declineCode: 'insufficient_funds',
    hardDeclines: 0,
    at: utc(first),
    ...failure,
  };
  const ladder = escalationAfter(happened, utc(first), { ...defaultRetryPolicy, ...policy }, zone);
  t.is(ladder.retryAt, retryAt === null ? null : utc(retryAt));
});

test('a hard decline may have retry days of its own', retry, {
  failure: { category: 'hard', hardDeclines: 1 },
  policy: { byCategory: { hard: { retryDays: [10] } } },
  retryAt: '2026-03-11 10:00',
});
test('no retry follows the last retry day of hard declines', retry, {
  failure: { category: 'hard', hardDeclines: 2, attempt: 2 },
  policy: { byCategory: { hard: { retryDays: [10] } } },
  retryAt: null,
});
test('an expired card is retried where the policy has retry days for it', retry, {
  failure: { category: 'expired-card' },
  policy: { byCategory: { 'expired-card': { retryDays: [4] } } },
  retryAt: '2026-03-05 10:00',
});
test('other declines keep the retry days of the policy', retry, {
  policy: { byCategory: { 'expired-card': { retryDays: [4] } } },
  retryAt: '2026-03-02 10:00',
});

const morning = { from: '06:00', to: '09:00' };
test('a retry before the allowed hours waits for them', retry, {
  first: '2026-03-01 01:00',
  policy: { timeOfDay: morning },
  retryAt: '2026-03-02 06:00',
});
test('a retry within the allowed hours is not moved', retry, {
  first: '2026-03-01 08:59',
  policy: { timeOfDay: morning },
  retryAt: '2026-03-02 08:59',
});
test('a retry at the end of the allowed hours waits for the next day', retry, {
  first: '2026-03-01 09:00',
  policy: { timeOfDay: morning },
  retryAt: '2026-03-03 06:00',
});
test('the allowed hours are local to the customer', retry, {
  first: '2026-03-01 20:00',
  policy: { timeOfDay: morning },
  zone: 'America/New_York',
  retryAt: '2026-03-03 11:00',
});
test('allowed hours that daylight saving time skips begin with the following hour', retry, {
  first: '2026-03-28 00:30',
  policy: { timeOfDay: { from: '02:30', to: '04:00' } },
  zone: 'Europe/Berlin',
  retryAt: '2026-03-29 01:30',
});

test('a retry up to three days before a payday moves to the payday', retry, { policy: { paydays: [5] }, retryAt: '2026-03-05 10:00' });
test('a retry four days before a payday is not moved', retry, { policy: { paydays: [6] }, retryAt: '2026-03-02 10:00' });
test('a retry on a payday is not moved', retry, { policy: { paydays: [2, 4] }, retryAt: '2026-03-02 10:00' });
test('the last day of a month may be a payday', retry, {
  first: '2026-02-24 10:00',
  policy: { paydays: [-1] },
  retryAt: '2026-02-28 10:00',
});
test('the 31st is the last day of a shorter month', retry, {
  first: '2026-04-27 10:00',
  policy: { paydays: [31] },
  retryAt: '2026-04-30 10:00',
});
test('a retry after a decline for another reason than insufficient funds does not wait for a payday', retry, {
  failure: { declineCode: 'issuer_unavailable' },
  policy: { paydays: [4] },
  retryAt: '2026-03-02 10:00',
});
test('a retry moves to the payday first, then to the allowed hours of that day', retry, {
  policy: { paydays: [4], timeOfDay: { from: '11:00', to: '12:00' } },
  retryAt: '2026-03-04 11:00',
});
test('two retries that move to one payday become one', retry, {
  failure: { attempt: 2, at: utc('2026-03-05 10:00') },
  policy: { paydays: [5] },
  retryAt: '2026-03-06 10:00',
});
test('a retry that moves beyond the grace period is dropped', retry, {
  policy: { retryDays: [2], graceDays: 3, suspendAfterDays: 3, paydays: [6] },
  retryAt: null,
});
test('a retry above the limit of the network is dropped', retry, {
  failure: { attempt: 3, at: utc('2026-03-04 10:00') },
  policy: { retryBudget: { attempts: 2, days: 30 } },
  retryAt: null,
});
test('the last retry within the limit of the network is made', retry, {
  failure: { attempt: 2, at: utc('2026-03-02 10:00') },
  policy: { retryBudget: { attempts: 2, days: 30 } },
  retryAt: '2026-03-04 10:00',
});
test('a retry after the counting period of the network is made', retry, {
  failure: { attempt: 3, at: utc('2026-03-04 10:00') },
  policy: { retryDays: [1, 3, 40], graceDays: 50, retryBudget: { attempts: 2, days: 30 } },
  retryAt: '2026-04-10 10:00',
});

const time = (hour: number) => `${String(hour).padStart(2, '0')}:00`;
const days = fc.integer({ min: 1, max: 40 });
const steps = fc.array(days, { maxLength: 25 });
const policyArbitrary: fc.Arbitrary<RetryPolicy> = fc.record(
  {
    retryDays: steps,
    retryMode: fc.constantFrom<RetryPolicy['retryMode']>('from-first-failure', 'interval'),
    hardDeclineRetries: fc.integer({ min: 0, max: 5 }),
    suspendAfterDays: days,
    graceDays: days,
    finalAction: fc.constant<'cancel'>('cancel'),
    byCategory: fc.record({ hard: fc.record({ retryDays: steps }), 'expired-card': fc.record({ retryDays: steps }) }, { requiredKeys: [] }),
    timeOfDay: fc.tuple(fc.nat(22), fc.nat(22)).map(([from, length]) => ({ from: time(from), to: time(Math.min(23, from + 1 + length)) })),
    paydays: fc.array(fc.oneof(fc.constant(-1), fc.integer({ min: 1, max: 31 })), { maxLength: 3 }),
    retryBudget: fc.record({ attempts: fc.integer({ min: 0, max: 6 }), days }),
  },
  { requiredKeys: ['retryDays', 'retryMode', 'hardDeclineRetries', 'suspendAfterDays', 'graceDays', 'finalAction'] },
);

const story = fc.record({
  policy: policyArbitrary,
  zone: zoneArbitrary,
  first: instantArbitrary('2024-01-01', '2026-12-31'),
  category: fc.constantFrom<Failure['category']>('soft', 'hard', 'expired-card'),
});

/** The retries of a policy whose every attempt fails immediately. */
function retriesOf({
  policy,
  zone,
  first,
  category,
}: {
  policy: RetryPolicy;
  zone: string;
  first: Instant;
  category: Failure['category'];
}) {
  const retries: Instant[] = [];
  for (let attempt = 1, at = first; attempt < 200; attempt += 1) {
    const failure = { attempt, category, declineCode: 'insufficient_funds', hardDeclines: category === 'hard' ? attempt : 0, at };
    const { retryAt, graceEndsAt } = escalationAfter(failure, first, policy, zone);
    if (retryAt === null) return { retries, graceEndsAt: graceEndsAt as Instant };
    retries.push(retryAt);
    at = retryAt;
  }
  throw new Error('the retries never end');
}

const law = (
  title: string,
  holds: (retries: ReturnType<typeof retriesOf>, story: { policy: RetryPolicy; zone: string; first: Instant }) => boolean,
) =>
  test(`law: retries ${title}`, (t) => {
    t.notThrows(() =>
      fc.assert(
        fc.property(story, (given) => holds(retriesOf(given), given)),
        { numRuns: lawRuns(500) },
      ),
    );
  });

law('ascend, after the first failure', ({ retries }, { first }) => retries.every((at, index) => at > (retries[index - 1] ?? first)));
law('lie within the grace period', ({ retries, graceEndsAt }) => retries.every((at) => at <= graceEndsAt));
law('lie within the hours of the day, or immediately after an opening that the clock skips', ({ retries }, { policy, zone }) =>
  retries.every((at) => {
    const local = new Date(localMillisOf(millisOf(at), zone)).toISOString().slice(11, 16);
    const hour = new Date(localMillisOf(millisOf(at), zone) - 3_600_000).toISOString().slice(11, 16);
    const { from, to } = policy.timeOfDay ?? { from: '00:00', to: '24:00' };
    return (local >= from && local < to) || (hour >= from && hour < to);
  }),
);
law('are never more than the budget in its days', ({ retries }, { policy }) => {
  const { attempts, days } = policy.retryBudget ?? { attempts: 15, days: 30 };
  const window = (days - 1) * dayMillis;
  return retries.every(
    (at) => retries.filter((other) => other <= at && millisOf(at) - millisOf(other) < window).length <= Math.max(1, attempts),
  );
});
test('law: retries are the same whenever they are calculated', (t) => {
  t.notThrows(() => fc.assert(fc.property(story, (given) => t.deepEqual(retriesOf(given), retriesOf(given)))));
});
