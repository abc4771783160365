import fc from 'fast-check';
import { defaultRetryPolicy } from '../../actors/subscription/rules/retry-policy.ts';
import type { Subscription, SubscriptionCommand } from '../../actors/subscription/rules/subscription.ts';
import type { RetryPolicy } from '../../actors/subscription/rules/subscription-parts.ts';
import { isInArrears } from '../../actors/subscription/rules/terms-checks.ts';
import { type Instant, plusMillis } from '../../services/shared/time.ts';
import { couponArbitrary, instantArbitrary, rarely, termsArbitrary, zoneArbitrary } from './random-terms.ts';
import { cancel, change, declined, method, paid, pause, resume, retryPayment, start, uncancel, wake } from './subscription-life.ts';

const minute = 60_000;

const days = fc.integer({ min: 0, max: 20 });

const policyArbitrary: fc.Arbitrary<RetryPolicy> = fc.oneof(
  { weight: 3, arbitrary: fc.constant(defaultRetryPolicy) },
  {
    weight: 1,
    arbitrary: termsArbitrary.map((downgradeTo): RetryPolicy => ({ ...defaultRetryPolicy, finalAction: 'downgrade', downgradeTo })),
  },
  {
    weight: 2,
    arbitrary: fc.record(
      {
        retryDays: fc.array(days, { maxLength: 5 }),
        retryMode: fc.constantFrom<'from-first-failure' | 'interval'>('from-first-failure', 'interval'),
        hardDeclineRetries: fc.integer({ min: 0, max: 2 }),
        suspendAfterDays: days,
        graceDays: days,
        finalAction: fc.constantFrom<'cancel' | 'suspend'>('cancel', 'suspend'),
        byCategory: fc.record({ 'expired-card': fc.record({ retryDays: fc.array(days, { maxLength: 3 }) }) }),
        timeOfDay: fc.constant({ from: '02:15', to: '09:00' }),
        retryBudget: fc.constant({ attempts: 2, days: 5 }),
        reminders: fc.constant([
          { daysAfterFailure: 1, channels: ['email'] as const },
          { daysAfterFailure: 4, channels: ['sms'] as const },
        ]),
      },
      { requiredKeys: ['retryDays', 'retryMode', 'hardDeclineRetries', 'suspendAfterDays', 'graceDays', 'finalAction'] },
    ),
  },
);

export const startArbitrary = fc
  .record({
    terms: termsArbitrary,
    timezone: zoneArbitrary,
    startAt: fc.option(instantArbitrary('2023-06-01', '2024-05-01'), { freq: 1 }),
    anchor: fc.option(fc.record({ day: fc.integer({ min: 1, max: 31 }), month: fc.option(fc.integer({ min: 1, max: 12 })) })),
    trialDays: fc.constantFrom(0, 0, 0, 7, 30),
    endsAt: rarely<Instant | null>(instantArbitrary('2024-05-02', '2026-06-01'), null),
    coupons: rarely(fc.uniqueArray(couponArbitrary, { selector: ({ couponId }) => couponId, maxLength: 3 }), []),
    prorationUnit: fc.constantFrom<'day' | 'second'>('day', 'second'),
    policy: policyArbitrary,
    hasPaymentMethod: fc.constantFrom(true, true, true, true, false),
  })
  .map(start);

const when = fc.constantFrom<'now' | 'period-end'>('now', 'period-end');
const credit = fc.constantFrom<'none' | 'prorate'>('none', 'prorate');
/** Unused time is returned once: as credit, or as a refund. */
const returned = fc.constantFrom<readonly ['none' | 'prorate', 'none' | 'prorate' | 'full']>(
  ['none', 'none'],
  ['prorate', 'none'],
  ['none', 'prorate'],
  ['none', 'full'],
);
const mode = fc.constantFrom<'keep' | 'reset'>('keep', 'reset');
const category = fc.constantFrom<'soft' | 'hard' | 'expired-card' | 'action-required'>(
  'soft',
  'soft',
  'hard',
  'expired-card',
  'action-required',
);

/** Chooses a command for a state and a time. */
export type CommandChoice = (state: Subscription, now: Instant) => SubscriptionCommand;
const always =
  (command: SubscriptionCommand): CommandChoice =>
  () =>
    command;
const ofOpenInvoice =
  (answer: (state: Subscription) => SubscriptionCommand): CommandChoice =>
  (state) =>
    state.openInvoices.length > 0 ? answer(state) : wake;

export const choiceArbitrary: fc.Arbitrary<CommandChoice> = fc.oneof(
  { weight: 12, arbitrary: fc.constant(ofOpenInvoice(paid)) },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom('void' as const, 'uncollectible' as const)
      .map((as) => ofOpenInvoice(({ openInvoices: [open] }) => ({ type: 'recordInvoiceClosed', invoiceId: open?.invoiceId ?? '', as }))),
  },
  { weight: 4, arbitrary: category.map((of) => ofOpenInvoice(declined(of))) },
  { weight: 8, arbitrary: fc.constant(always(wake)) },
  { weight: 1, arbitrary: fc.constant<CommandChoice>((state) => change(state.terms)) },
  {
    weight: 4,
    arbitrary: fc
      .record({
        to: termsArbitrary,
        when: fc.option(when, { nil: undefined }),
        anchor: fc.option(fc.constantFrom<'keep' | 'reset' | 'day'>('keep', 'reset', 'day'), { nil: undefined }),
        proration: credit,
        trial: fc.constantFrom('keep' as const, 'end' as const),
      })
      .map(({ to, when, anchor, proration, trial }) =>
        always(change(to, { ...(when && { when }), ...(anchor && { anchor }), proration, trial })),
      ),
  },
  { weight: 1, arbitrary: fc.tuple(when, returned).map(([at, how]) => always(cancel(at, ...how))) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.integer({ min: -1000, max: 100_000 }), returned).map(
      ([ahead, how]): CommandChoice =>
        (_, now) =>
          cancel(plusMillis(now, ahead * minute), ...how),
    ),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({ at: when, how: returned, lastPeriod: fc.constantFrom('prorate', 'full'), lastDay: fc.constantFrom('excluded', 'included') })
      .map(
        ({ at, how, lastPeriod, lastDay }): CommandChoice =>
          (state) => ({
            ...cancel(at, ...how),
            lastDay,
            ...(isInArrears(state) && { lastPeriod }),
          }),
      ),
  },
  { weight: 2, arbitrary: fc.constant(always(uncancel)) },
  { weight: 1, arbitrary: fc.constant(always({ type: 'withdrawChange' })) },
  {
    weight: 1,
    arbitrary: fc
      .record({ day: fc.integer({ min: 1, max: 31 }), month: fc.option(fc.integer({ min: 1, max: 12 })) })
      .map((day) => always({ type: 'changeAnchor', ...day })),
  },
  { weight: 2, arbitrary: couponArbitrary.map((coupon) => always({ type: 'applyCoupon', coupon })) },
  { weight: 1, arbitrary: fc.constantFrom('cpn_a', 'cpn_b').map((couponId) => always({ type: 'removeCoupon', couponId })) },
  {
    weight: 2,
    arbitrary: fc
      .record({ charge: fc.integer({ min: 1, max: 8 }), amount: fc.integer({ min: 1, max: 9_999 }), invoiceNow: fc.boolean() })
      .map(({ charge, amount, invoiceNow }) =>
        always({ type: 'charge', chargeId: `charge_${charge}`, description: 'Film', amount, invoiceNow }),
      ),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({ terms: fc.option(termsArbitrary), hasPaymentMethod: fc.boolean() })
      .map((how) => always({ type: 'reactivate', ...how })),
  },
  {
    weight: 1,
    arbitrary: fc.record({ to: termsArbitrary, ahead: fc.integer({ min: -100, max: 60 * 24 * 40 }), proration: credit }).map(
      ({ to, ahead, proration }): CommandChoice =>
        (_, now) =>
          change(to, { when: plusMillis(now, ahead * minute), proration }),
    ),
  },
  {
    weight: 2,
    arbitrary: fc
      .record({
        at: when,
        how: fc.constantFrom<'none' | 'prorate' | 'extend'>('none', 'prorate', 'extend'),
        length: fc.option(fc.integer({ min: 1, max: 90 })),
      })
      .map(
        ({ at, how, length }): CommandChoice =>
          (_, now) =>
            pause(at, { credit: how, until: length === null ? null : plusMillis(now, length * 1440 * minute) }),
      ),
  },
  { weight: 3, arbitrary: mode.map((how) => always(resume(how))) },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 0, max: 90 }).map(
      (daysAgo): CommandChoice =>
        (_, now) => ({ type: 'resumeAfterDispute', openedAt: plusMillis(now, -daysAgo * 1440 * minute) }),
    ),
  },
  { weight: 2, arbitrary: fc.constant(always(retryPayment)) },
  { weight: 1, arbitrary: fc.boolean().map((available) => always(method(available))) },
);
