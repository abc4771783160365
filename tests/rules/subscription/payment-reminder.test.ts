import test from 'ava';
import fc from 'fast-check';
import { defaultRetryPolicy } from '../../../actors/subscription/rules/retry-policy.ts';
import type { SubscriptionEvent } from '../../../actors/subscription/rules/subscription.ts';
import type { RetryPolicy } from '../../../actors/subscription/rules/subscription-parts.ts';
import { lawRuns } from '../../support/law-runs.ts';
import { declined, given, liveThrough, paid, type Step, start, utc, wake } from '../../support/subscription-life.ts';

const reminded = (policy: Partial<RetryPolicy>): Step => [start({ policy: { ...defaultRetryPolicy, ...policy } }), '2026-01-15'];
const byMail = (...days: readonly number[]) =>
  days.map((daysAfterFailure) => ({ daysAfterFailure, channels: ['email'] as ('email' | 'sms' | 'in-app')[] }));

const remindersIn = (events: readonly SubscriptionEvent[]) =>
  events.flatMap((event) => (event.type === 'subscription.payment-reminder' ? [[event.at.slice(0, 10), event.daysAfterFailure]] : []));

const lived = (policy: Partial<RetryPolicy>, until: string, pays: (at: string) => boolean): readonly SubscriptionEvent[] =>
  liveThrough([reminded(policy)], until, pays).happened.map(({ event }) => event);

/** Pays the first period, and after the renewal only from an instant on. */
const paysAgainFrom = (at: string) => (now: string) => now < utc('2026-02-15') || now >= utc(at);
const never = '2027-01-01';

test('given reminders on days 2 and 10, when the invoice stays unpaid, then each is due on its day, also during a suspension', (t) => {
  const events = lived({ reminders: byMail(2, 10) }, '2026-03-20', paysAgainFrom(never));
  t.deepEqual(remindersIn(events), [
    ['2026-02-17', 2],
    ['2026-02-25', 10],
  ]);
});

test('a customer who has paid gets no more reminders', (t) => {
  const events = lived({ reminders: byMail(2, 4, 10) }, '2026-03-20', paysAgainFrom('2026-02-18'));
  t.deepEqual(remindersIn(events), [['2026-02-17', 2]]);
});

test('a reminder at the instant of a retry follows the outcome of the retry', (t) => {
  const failing = { retryDays: [3], reminders: byMail(3) };
  const lost = lived(failing, '2026-02-19', paysAgainFrom(never));
  const found = lived(failing, '2026-02-19', paysAgainFrom('2026-02-18'));
  t.deepEqual(remindersIn(lost), [['2026-02-18', 3]]);
  t.deepEqual(remindersIn(found), []);
});

test('a policy without reminders causes none', (t) => {
  t.deepEqual(remindersIn(lived({}, '2026-03-20', paysAgainFrom(never))), []);
});

test('a late wake causes one reminder, the last that has passed, and a repeat causes none', (t) => {
  const unpaid: readonly Step[] = [
    reminded({ reminders: byMail(1, 2, 3, 9) }),
    [paid, '2026-01-15'],
    [wake, '2026-02-15'],
    [declined('hard'), '2026-02-15'],
  ];
  const late = given(...unpaid).when(wake, '2026-02-18 23:00');
  t.deepEqual(remindersIn(late.events), [['2026-02-18', 3]]);
  given(...unpaid, [wake, '2026-02-18 23:00'])
    .when(wake, '2026-02-18 23:30')
    .nothingHappens(t);
});

test('law: reminders ascend, at most one a day, each on its local day, and none after the end', (t) => {
  const days = fc
    .uniqueArray(fc.integer({ min: 1, max: 13 }), { maxLength: 5 })
    .map((drawn) => drawn.toSorted((one, other) => one - other));
  const recovery = fc.constantFrom('2026-02-16', '2026-02-20', '2026-02-26', never);
  fc.assert(
    fc.property(days, recovery, (drawn, paysAt) => {
      const events = lived({ reminders: byMail(...drawn) }, '2026-04-01', paysAgainFrom(paysAt));
      const reminderDays = remindersIn(events).map(([, day]) => Number(day));
      t.deepEqual(reminderDays, drawn.slice(0, reminderDays.length));
      for (const [at, day] of remindersIn(events)) t.is(at, utc(`2026-02-${15 + Number(day)}`).slice(0, 10));
      if (paysAt === never) t.is(reminderDays.length, drawn.length);
    }),
    { numRuns: lawRuns(100) },
  );
});
