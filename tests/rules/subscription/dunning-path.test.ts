import test from 'ava';
import fc from 'fast-check';
import { dunningPath } from '../../../actors/subscription/rules/dunning-path.ts';
import { defaultRetryPolicy } from '../../../actors/subscription/rules/retry-policy.ts';
import type { RetryPolicy } from '../../../actors/subscription/rules/subscription-parts.ts';
import type { Debt, DunningPath } from '../../../services/shared/contracts/dunning-path.ts';
import { lawRuns } from '../../support/law-runs.ts';
import { instantArbitrary, zoneArbitrary } from '../../support/random-terms.ts';
import { liveThrough, start, utc } from '../../support/subscription-life.ts';

const failure = { at: utc('2026-02-15'), category: 'soft', declineCode: 'soft_code' } as const;
const debt = (changes: Partial<Debt> = {}): Debt => ({ timezone: 'UTC', declines: [failure], payment: null, ...changes });
const days = (path: DunningPath) => ({
  retries: path.retries.map((at) => at.slice(5, 10)),
  ...Object.fromEntries((['suspendedAt', 'endedAt', 'paidAt'] as const).map((name) => [name, path[name]?.slice(5, 10)])),
});

type Days = { retries: string[]; suspendedAt?: string; endedAt?: string; paidAt?: string };

const follows = test.macro((t, given: Partial<Debt>, policy: Partial<RetryPolicy>, expected: Days) => {
  t.deepEqual(days(dunningPath(debt(given), { ...defaultRetryPolicy, ...policy })), {
    suspendedAt: undefined,
    endedAt: undefined,
    paidAt: undefined,
    ...expected,
  });
});

test(
  'an unpaid renewal is retried, suspended and given up by the default policy',
  follows,
  {},
  {},
  {
    retries: ['02-16', '02-18', '02-20', '02-22'],
    suspendedAt: '02-22',
    endedAt: '03-01',
  },
);
test(
  'a payment method that works again is charged by the next retry',
  follows,
  { payment: { at: utc('2026-02-17'), by: 'retry' } },
  {},
  {
    retries: ['02-16', '02-18'],
    paidAt: '02-18',
  },
);
test(
  'without a later retry, a payment method that works again is not charged',
  follows,
  { payment: { at: utc('2026-02-23'), by: 'retry' } },
  {},
  {
    retries: ['02-16', '02-18', '02-20', '02-22'],
    suspendedAt: '02-22',
    endedAt: '03-01',
  },
);
test(
  'a customer who pays does not wait for the next retry',
  follows,
  { payment: { at: utc('2026-02-25'), by: 'customer' } },
  {},
  {
    retries: ['02-16', '02-18', '02-20', '02-22'],
    suspendedAt: '02-22',
    paidAt: '02-25',
  },
);
test(
  'a payment after the end comes too late',
  follows,
  { payment: { at: utc('2026-02-25'), by: 'customer' } },
  { graceDays: 7 },
  {
    retries: ['02-16', '02-18', '02-20', '02-22'],
    endedAt: '02-22',
  },
);
test(
  'a card that is reported stolen is not retried',
  follows,
  {
    declines: [failure, { at: utc('2026-02-16'), category: 'hard', declineCode: 'stolen_card' }],
  },
  {},
  { retries: ['02-16'], suspendedAt: '02-22', endedAt: '03-01' },
);
test(
  'with the final action "suspend" a subscription is never given up',
  follows,
  {},
  { retryDays: [], finalAction: 'suspend' },
  {
    retries: [],
    suspendedAt: '02-22',
  },
);

const story = fc.record({
  timezone: zoneArbitrary,
  paidFrom: instantArbitrary('2026-02-16', '2026-05-01'),
  policy: fc.record(
    {
      retryDays: fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { maxLength: 8 }).map((found) => found.sort((one, other) => one - other)),
      retryMode: fc.constantFrom<RetryPolicy['retryMode']>('from-first-failure', 'interval'),
      hardDeclineRetries: fc.constant(0),
      suspendAfterDays: fc.integer({ min: 0, max: 40 }),
      graceDays: fc.integer({ min: 1, max: 40 }),
      finalAction: fc.constantFrom<RetryPolicy['finalAction']>('cancel', 'suspend'),
      timeOfDay: fc.constant({ from: '06:00', to: '09:00' }),
    },
    { requiredKeys: ['retryDays', 'retryMode', 'hardDeclineRetries', 'suspendAfterDays', 'graceDays', 'finalAction'] },
  ),
});

/**
 * The path by the rules themselves: every wake in time, every payment with an immediate outcome.
 */
function lived({ timezone, paidFrom, policy }: { timezone: string; paidFrom: string; policy: RetryPolicy }): DunningPath {
  const pays = (at: string) => at < utc('2026-02-14') || at >= paidFrom;
  const { happened } = liveThrough([[start({ timezone, policy }), '2026-01-15']], '2026-05-10', pays);
  const invoiceId = happened.flatMap(({ event }) => (event.type === 'subscription.payment-failed' ? [event.invoiceId] : []))[0];
  const when = (...types: string[]) =>
    happened.filter(({ event }) => types.includes(event.type) && 'invoiceId' in event && event.invoiceId === invoiceId).map(({ at }) => at);
  return {
    retries: when('subscription.retry-due'),
    suspendedAt: when('subscription.suspended')[0] ?? null,
    endedAt: happened.find(({ event }) => event.type === 'subscription.ended')?.at ?? null,
    paidAt: when('subscription.renewed', 'subscription.recovered')[0] ?? null,
  };
}

test('law: a simulated dunning case takes the path of a real subscription', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(story, (given) => {
        const { timezone, paidFrom, policy } = given;
        const at = liveThrough([[start({ timezone, policy }), '2026-01-15']], '2026-02-16', (now) => now < utc('2026-02-14')).happened.find(
          ({ event }) => event.type === 'subscription.payment-failed',
        )?.at as string;
        const walked = dunningPath(debt({ timezone, declines: [{ ...failure, at }], payment: { at: paidFrom, by: 'retry' } }), policy);
        t.deepEqual(walked, lived(given));
      }),
      { numRuns: lawRuns(300) },
    ),
  );
});
