import fc from 'fast-check';
import { decide } from '../../actors/subscription/rules/decide.ts';
import { fold } from '../../actors/subscription/rules/evolve.ts';
import { defaultRetryPolicy } from '../../actors/subscription/rules/retry-policy.ts';
import type {
  AppliedCoupon,
  BillingInterval,
  Commitment,
  Item,
  Phase,
  Subscription,
  SubscriptionCommand,
  SubscriptionEvent,
  Terms,
  Tier,
} from '../../actors/subscription/rules/subscription.ts';
import type { RetryPolicy } from '../../actors/subscription/rules/subscription-parts.ts';
import { isInArrears } from '../../actors/subscription/rules/terms-checks.ts';
import { nextWake } from '../../actors/subscription/rules/wake.ts';
import { type Instant, instantOfMillis, millisOf, plusMillis } from '../../services/shared/time.ts';
import { cancel, change, declined, method, paid, pause, resume, retryPayment, start, terms, uncancel, wake } from './subscription-life.ts';

const minute = 60_000;

/**
 * Zones with unusual clock changes: half-hour daylight saving time, a missing day, midnight
 * changes, odd offsets, Ramadan.
 */
export const zoneArbitrary = fc.constantFrom(
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Pacific/Apia',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'America/Sao_Paulo',
  'America/Nuuk',
  'Asia/Beirut',
  'Africa/Casablanca',
);

export const cadenceArbitrary: fc.Arbitrary<BillingInterval> = fc.record({
  unit: fc.constantFrom<BillingInterval['unit']>('day', 'week', 'month', 'year'),
  count: fc.integer({ min: 1, max: 14 }),
});

export const instantArbitrary = (from: string, to: string): fc.Arbitrary<Instant> =>
  fc
    .integer({ min: millisOf(`${from}T00:00:00.000Z`) / minute, max: millisOf(`${to}T00:00:00.000Z`) / minute })
    .map((at) => instantOfMillis(at * minute));

const amountArbitrary = fc.oneof(fc.constantFrom(0, 1), fc.integer({ min: 2, max: 100_000 }));
const rarely = <Value>(value: fc.Arbitrary<Value>, otherwise: Value) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(otherwise) }, { weight: 1, arbitrary: value });

const tiersArbitrary: fc.Arbitrary<readonly Tier[]> = fc
  .record({ first: amountArbitrary, second: amountArbitrary, upTo: fc.integer({ min: 1, max: 9 }) })
  .map(({ first, second, upTo }) => [
    { upTo, amount: first },
    { upTo: null, amount: second },
  ]);

const phasesArbitrary: fc.Arbitrary<readonly Phase[]> = fc.array(
  fc.record({ periods: fc.integer({ min: 1, max: 3 }), amount: amountArbitrary }),
  { minLength: 1, maxLength: 2 },
);

const commitmentArbitrary = fc.record({ periods: fc.integer({ min: 1, max: 12 }), exitFee: amountArbitrary });

const addOnArbitrary = fc.record({
  id: fc.constantFrom('plan_sports', 'plan_kids', 'plan_news'),
  amount: amountArbitrary,
  quantity: fc.integer({ min: 1, max: 3 }),
});

const termsArbitrary: fc.Arbitrary<Terms> = fc
  .record({
    plan: fc.constantFrom('plan_a', 'plan_b', 'plan_c'),
    amount: amountArbitrary,
    cadence: fc.oneof(fc.constantFrom<BillingInterval>({ unit: 'month', count: 1 }, { unit: 'year', count: 1 }), cadenceArbitrary),
    quantity: fc.integer({ min: 1, max: 10 }),
    tiers: rarely(tiersArbitrary, []),
    phases: rarely(phasesArbitrary, []),
    commitment: rarely<Commitment | null>(commitmentArbitrary, null),
    addOns: rarely(fc.uniqueArray(addOnArbitrary, { selector: ({ id }) => id, maxLength: 2 }), []),
  })
  .map(({ plan, amount, cadence, quantity, tiers, phases, commitment, addOns }) => {
    const bought = terms(plan, amount, cadence, quantity);
    return {
      ...bought,
      plan: { ...bought.plan, tiers, phases, commitment },
      addOns: addOns
        .map((addOn) => terms(addOn.id, addOn.amount, cadence, addOn.quantity))
        .map(({ plan, quantity }) => ({ plan, quantity })),
    };
  });

const couponArbitrary: fc.Arbitrary<AppliedCoupon> = fc
  .record({
    couponId: fc.constantFrom('cpn_a', 'cpn_b', 'cpn_c'),
    percent: fc.option(fc.integer({ min: 1, max: 10_000 }).map((hundredths) => hundredths / 100)),
    amount: fc.integer({ min: 0, max: 50_000 }),
    periodsLeft: fc.option(fc.integer({ min: 1, max: 4 })),
    endsAt: fc.option(instantArbitrary('2024-03-01', '2026-01-01'), { freq: 1 }),
    planIds: fc.option(fc.constantFrom(['plan_a'], ['plan_sports', 'plan_b'])),
  })
  .map(({ percent, amount, ...coupon }) => ({
    ...coupon,
    name: coupon.couponId,
    kind: percent === null ? 'amount' : 'percent',
    percent,
    amount: percent === null ? amount : null,
  }));

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

const startArbitrary = fc
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

type CommandChoice = (state: Subscription, now: Instant) => SubscriptionCommand;
const always =
  (command: SubscriptionCommand): CommandChoice =>
  () =>
    command;
const ofOpenInvoice =
  (answer: (state: Subscription) => SubscriptionCommand): CommandChoice =>
  (state) =>
    state.openInvoices.length > 0 ? answer(state) : wake;

const choiceArbitrary: fc.Arbitrary<CommandChoice> = fc.oneof(
  { weight: 12, arbitrary: fc.constant(ofOpenInvoice(paid)) },
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
  { weight: 2, arbitrary: fc.constant(always(retryPayment)) },
  { weight: 1, arbitrary: fc.boolean().map((available) => always(method(available))) },
);

/**
 * The advance of the clock before a command: usually to the next wake, sometimes just past it,
 * sometimes back.
 */
const moveArbitrary = fc.oneof(
  { weight: 6, arbitrary: fc.constant<'next wake'>('next wake') },
  { weight: 4, arbitrary: fc.constant(0) },
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 60 * 24 * 40 }) },
  { weight: 1, arbitrary: fc.integer({ min: -60 * 24 * 10, max: -1 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 60 * 24 * 300 }) },
);

export type RandomLife = {
  readonly start: SubscriptionCommand;
  readonly steps: readonly { readonly move: number | 'next wake'; readonly chosen: CommandChoice }[];
};

type Billing = 'advance' | 'arrears';

const billed = <Bought extends Item>(item: Bought, billing: Billing): Bought => ({ ...item, plan: { ...item.plan, billing } });

/** The same command with all its terms billed in this way. */
function buying(command: SubscriptionCommand, billing: Billing): SubscriptionCommand {
  if (!('terms' in command) || command.terms === null) return command;
  const { addOns, ...terms } = command.terms;
  return { ...command, terms: { ...billed(terms, billing), addOns: addOns.map((addOn) => billed(addOn, billing)) } };
}

/**
 * A life whose plans are all billed in one way, except a few that it can have only in a trial or
 * after an end.
 */
export const lifeBilled = (billing: Billing): fc.Arbitrary<RandomLife> =>
  fc
    .record({
      start: startArbitrary,
      steps: fc.array(fc.record({ move: moveArbitrary, chosen: choiceArbitrary, isOther: rarely(fc.boolean(), false) }), {
        minLength: 5,
        maxLength: 40,
      }),
    })
    .map(({ start, steps }) => ({
      start: buying(start, billing),
      steps: steps.map(({ move, chosen, isOther }) => {
        const other = billing === 'advance' ? 'arrears' : 'advance';
        return { move, chosen: (state: Subscription, now: Instant) => buying(chosen(state, now), isOther ? other : billing) };
      }),
    }));

export const lifeArbitrary: fc.Arbitrary<RandomLife> = fc.oneof(
  { weight: 2, arbitrary: lifeBilled('advance') },
  { weight: 1, arbitrary: lifeBilled('arrears') },
);

export type Turn = {
  readonly command: SubscriptionCommand;
  readonly now: Instant;
  readonly before: Subscription | undefined;
  readonly after: Subscription;
  readonly events: readonly SubscriptionEvent[];
};

/** The accepted turns of a life; rejected commands leave it unchanged. */
export function turnsOf({ start, steps }: RandomLife): Turn[] {
  let now: Instant = '2024-03-01T10:20:30.000Z';
  const turns: Turn[] = [];
  let state: Subscription | undefined;
  const take = (command: SubscriptionCommand) => {
    const decision = decide(state, command, now);
    if (!decision.ok) return;
    const after = (state ? fold(decision.value, state) : fold(decision.value)) as Subscription;
    turns.push({ command, now, before: state, after, events: decision.value });
    state = after;
  };
  take(start);
  for (const { move, chosen } of steps) {
    if (state === undefined) throw new Error('the start was refused');
    const next = nextWake(state)?.at ?? now;
    now = move === 'next wake' ? (next > now ? next : now) : plusMillis(now, move * minute);
    take(chosen(state, now));
  }
  return turns;
}
