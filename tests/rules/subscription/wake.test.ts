import test from 'ava';
import type { Wake } from '../../../actors/subscription/rules/subscription.ts';
import { nextWake } from '../../../actors/subscription/rules/wake.ts';
import { cancel, declined, given, method, paid, pause, type Step, start, utc, wake } from '../../support/subscription-life.ts';

const waits = test.macro((t, steps: readonly Step[], expected: Wake | undefined) => {
  const { before } = given(...steps);
  t.deepEqual(before && nextWake(before), expected);
});
const on = (at: string, reason: Wake['reason'], reminder: Wake['reminder'] = 'renewal'): Wake => ({ at: utc(at), reason, reminder });

const active: Step[] = [
  [start(), '2026-03-01'],
  [paid, '2026-03-01'],
];
const pastDue: Step[] = [...active, [wake, '2026-04-01'], [declined(), '2026-04-01']];

test(
  'a scheduled subscription waits for its start',
  waits,
  [[start({ startAt: utc('2026-05-01') }), '2026-03-01']],
  on('2026-05-01', 'start'),
);
test('a trial waits for its end', waits, [[start({ trialDays: 7 }), '2026-03-01']], on('2026-03-08', 'trial-end'));
test('an active subscription waits for its renewal', waits, active, on('2026-04-01', 'renewal'));
test(
  'a cancellation at the same instant comes before the renewal',
  waits,
  [...active, [cancel(), '2026-03-02']],
  on('2026-04-01', 'cancellation'),
);
test(
  'an earlier cancellation comes first',
  waits,
  [...active, [cancel(utc('2026-03-20')), '2026-03-02']],
  on('2026-03-20', 'cancellation'),
);
test(
  'a pause at the same instant comes before the renewal',
  waits,
  [...active, [pause('period-end'), '2026-03-02']],
  on('2026-04-01', 'pause'),
);
test(
  'the outcome of a pending payment is requested after a quarter of an hour',
  waits,
  [...active, [wake, '2026-04-01']],
  on('2026-04-01 00:15', 'payment-pending'),
);
test(
  'the outcome of a pending first payment is requested after a quarter of an hour',
  waits,
  [[start(), '2026-03-01']],
  on('2026-03-01 00:15', 'payment-pending'),
);
test(
  'a failed first payment expires after 23 hours',
  waits,
  [
    [start(), '2026-03-01'],
    [declined(), '2026-03-01'],
  ],
  on('2026-03-01 23:00', 'first-payment-expiry'),
);
test('a failed renewal waits for its retry', waits, pastDue, on('2026-04-02', 'retry', 'dunning'));
test(
  'a failed renewal without a retry waits for the suspension',
  waits,
  [...active, [wake, '2026-04-01'], [declined('hard'), '2026-04-01']],
  on('2026-04-08', 'suspension', 'dunning'),
);
test(
  'a suspended subscription waits for the end of the grace period',
  waits,
  [...active, [wake, '2026-04-01'], [declined('hard'), '2026-04-01'], [wake, '2026-04-08']],
  on('2026-04-15', 'grace-end', 'dunning'),
);
test(
  'a retry at the instant of the suspension comes first',
  waits,
  [
    [start({ policy: { ...start().policy, retryDays: [7] } }), '2026-03-01'],
    [paid, '2026-03-01'],
    [wake, '2026-04-01'],
    [declined(), '2026-04-01'],
  ],
  on('2026-04-08', 'retry', 'dunning'),
);
test(
  'a permanently suspended subscription waits for nothing',
  waits,
  [
    [start({ policy: { ...start().policy, finalAction: 'suspend' } }), '2026-03-01'],
    [paid, '2026-03-01'],
    [wake, '2026-04-01'],
    [declined('hard'), '2026-04-01'],
    [wake, '2026-04-08'],
  ],
  undefined,
);
test(
  'a failed payment does not delay a cancellation',
  waits,
  [...pastDue, [cancel(utc('2026-04-01 12:00')), '2026-04-01']],
  on('2026-04-01 12:00', 'cancellation'),
);
test('a pause without an end waits for nothing', waits, [...active, [pause(), '2026-03-02']], undefined);
test(
  'a pause with an end waits for its end',
  waits,
  [...active, [pause('now', { until: utc('2026-06-01') }), '2026-03-02']],
  on('2026-06-01', 'resume'),
);
test('an ended subscription waits for nothing', waits, [...active, [cancel('now'), '2026-03-02']], undefined);
test(
  'the outcome of a charge with a new payment method is requested like that of any attempt',
  waits,
  [...pastDue, [method(true), '2026-04-01 12:00']],
  on('2026-04-01 12:15', 'payment-pending'),
);
