import test from 'ava';
import { defaultRetryPolicy, escalationAfter, type Failure } from '../../../actors/subscription/rules/retry-policy.ts';
import type { RetryPolicy } from '../../../actors/subscription/rules/subscription-parts.ts';
import { utc } from '../../support/subscription-life.ts';

type Row = { failure?: Partial<Failure>; at?: string; policy?: Partial<RetryPolicy>; zone?: string; retryAt: string | null };

const retry = test.macro((t, { failure, at = '2026-03-01 10:00', policy, zone = 'UTC', retryAt }: Row) => {
  const happened = { attempt: 1, category: 'soft' as const, declineCode: 'insufficient_funds', hardDeclines: 0, at: utc(at), ...failure };
  const ladder = escalationAfter(happened, utc('2026-03-01 10:00'), { ...defaultRetryPolicy, ...policy }, zone);
  t.is(ladder.retryAt, retryAt === null ? null : utc(retryAt));
});

test('the first failure is retried after one day', retry, { retryAt: '2026-03-02 10:00' });
test('the second failure is retried three days after the first', retry, {
  failure: { attempt: 2 },
  at: '2026-03-02 10:00',
  retryAt: '2026-03-04 10:00',
});
test('the fourth failure is retried on the seventh day', retry, {
  failure: { attempt: 4 },
  at: '2026-03-06 10:00',
  retryAt: '2026-03-08 10:00',
});
test('after the last retry day there is no further retry', retry, { failure: { attempt: 5 }, at: '2026-03-08 10:00', retryAt: null });
test('retries on request use up the retry days', retry, { failure: { attempt: 3 }, at: '2026-03-01 12:00', retryAt: '2026-03-06 10:00' });
test('a retry day before a late outcome is left out', retry, {
  failure: { attempt: 2 },
  at: '2026-03-05 10:00',
  retryAt: '2026-03-06 10:00',
});
test('a retry day at the very instant of the failure is left out', retry, {
  failure: { attempt: 2 },
  at: '2026-03-04 10:00',
  retryAt: '2026-03-06 10:00',
});
test('with intervals each retry day counts from the failure before it', retry, {
  failure: { attempt: 2 },
  at: '2026-03-03 08:00',
  policy: { retryMode: 'interval', retryDays: [8, 8, 8] },
  retryAt: '2026-03-11 08:00',
});
test('with intervals no retry follows the last interval', retry, {
  failure: { attempt: 4 },
  policy: { retryMode: 'interval', retryDays: [8, 8, 8] },
  retryAt: null,
});
test('a hard decline is not retried', retry, { failure: { category: 'hard', hardDeclines: 1 }, retryAt: null });
test('a policy may allow one retry after a hard decline', retry, {
  failure: { category: 'hard', hardDeclines: 1 },
  policy: { hardDeclineRetries: 1 },
  retryAt: '2026-03-02 10:00',
});
test('hard declines above the limit of the policy are not retried', retry, {
  failure: { category: 'hard', hardDeclines: 2, attempt: 2 },
  policy: { hardDeclineRetries: 1 },
  retryAt: null,
});
test('an expired card is not retried', retry, { failure: { category: 'expired-card' }, retryAt: null });
test('a missing payment method is not retried', retry, { failure: { category: 'no-payment-method' }, retryAt: null });
test('a payment that requires action of the customer is not retried', retry, { failure: { category: 'action-required' }, retryAt: null });
test('retry days are local days and keep the time of day across daylight saving time', retry, {
  failure: { attempt: 2 },
  policy: { retryDays: [1, 30], graceDays: 40 },
  zone: 'Europe/Berlin',
  retryAt: '2026-03-31 09:00',
});

test('suspension and the end of the grace period count from the first failure, whatever follows', (t) => {
  const failure = { attempt: 3, category: 'hard' as const, declineCode: null, hardDeclines: 1, at: utc('2026-03-05 10:00') };
  const { suspendAt, graceEndsAt, firstFailedAt } = escalationAfter(failure, utc('2026-03-01 10:00'), defaultRetryPolicy, 'UTC');
  t.deepEqual([firstFailedAt, suspendAt, graceEndsAt], [utc('2026-03-01 10:00'), utc('2026-03-08 10:00'), utc('2026-03-15 10:00')]);
});
