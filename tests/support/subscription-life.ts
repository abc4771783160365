import type { ExecutionContext } from 'ava';
import { decide } from '../../actors/subscription/rules/decide.ts';
import { evolve, fold } from '../../actors/subscription/rules/evolve.ts';
import { violation } from '../../actors/subscription/rules/invariants.ts';
import { defaultRetryPolicy } from '../../actors/subscription/rules/retry-policy.ts';
import type {
  BillingInterval,
  InvoiceRequest,
  Subscription,
  SubscriptionCommand,
  SubscriptionEvent,
  Terms,
} from '../../actors/subscription/rules/subscription.ts';
import type { DeclineCategory } from '../../actors/subscription/rules/subscription-parts.ts';
import { nextDue } from '../../actors/subscription/rules/wake.ts';
import type { Rejection } from '../../services/shared/result.ts';
import type { Instant } from '../../services/shared/time.ts';

type Start = Extract<SubscriptionCommand, { type: 'start' }>;
type Command<Type extends SubscriptionCommand['type']> = Extract<SubscriptionCommand, { type: Type }>;

/** `2026-01-31` or `2026-01-31 10:00` in UTC, as an instant. */
export const utc = (text: string): Instant => new Date(`${text.replace(' ', 'T')}${text.length > 10 ? 'Z' : ''}`).toISOString();

export const monthly: BillingInterval = { unit: 'month', count: 1 };
export const yearly: BillingInterval = { unit: 'year', count: 1 };

/** Terms of a plan named `planId` at this price in minor units of EUR. */
export const terms = (planId: string, amount: number, interval: BillingInterval = monthly, quantity = 1, currency = 'EUR'): Terms => ({
  plan: {
    planId,
    version: 1,
    name: { en: planId },
    price: { amount, currency },
    tiers: [],
    phases: [],
    commitment: null,
    interval,
    taxBehaviour: 'inclusive',
    billing: 'advance',
    minQuantity: 1,
    maxQuantity: 10,
    entitlements: {},
  },
  quantity,
  addOns: [],
});

export const basic = terms('plan_basic', 3100);
export const premium = terms('plan_premium', 6200);

/** The same plan and add-ons, billed when a period has ended. */
export const inArrears = ({ plan, addOns, ...bought }: Terms): Terms => ({
  ...bought,
  plan: { ...plan, billing: 'arrears' },
  addOns: addOns.map((addOn) => ({ ...addOn, plan: { ...addOn.plan, billing: 'arrears' } })),
});

export const start = (changes: Partial<Start> = {}): Start => ({
  type: 'start',
  id: 'sub_1',
  customerId: 'cus_1',
  terms: basic,
  timezone: 'UTC',
  startAt: null,
  anchor: null,
  trialDays: 0,
  endsAt: null,
  coupons: [],
  prorationUnit: 'day',
  policy: defaultRetryPolicy,
  hasPaymentMethod: true,
  ...changes,
});

/** A step: a command, or a function that returns one for the state, and its time. */
export type Step = readonly [command: SubscriptionCommand | ((state: Subscription) => SubscriptionCommand), at: string];

const openInvoiceOf = ({ openInvoices }: Subscription) => {
  const open = openInvoices.find(({ pending }) => pending) ?? openInvoices[0];
  if (!open) throw new Error('no invoice is open');
  return open;
};

/** The open invoice is paid. */
export const paid = (state: Subscription): SubscriptionCommand => {
  const { invoiceId, failedAttempts } = openInvoiceOf(state);
  return { type: 'recordPayment', invoiceId, outcome: 'succeeded', attempt: failedAttempts + 1, category: null, declineCode: null };
};

/** The open invoice's next attempt fails. */
export const declined =
  (category: DeclineCategory = 'soft') =>
  (state: Subscription): SubscriptionCommand => {
    const { invoiceId, failedAttempts } = openInvoiceOf(state);
    const outcome = category === 'action-required' ? 'action-required' : 'declined';
    return { type: 'recordPayment', invoiceId, outcome, attempt: failedAttempts + 1, category, declineCode: `${category}_code` };
  };

export const wake: SubscriptionCommand = { type: 'wake' };
export const retryPayment: SubscriptionCommand = { type: 'retryPayment' };
export const uncancel: SubscriptionCommand = { type: 'uncancel' };
export const method = (available: boolean): SubscriptionCommand => ({ type: 'recordPaymentMethod', available });
export const resume = (anchor: 'keep' | 'reset' = 'keep'): SubscriptionCommand => ({ type: 'resume', anchor });
export const change = (to: Terms, options: Partial<Command<'change'>> = {}): SubscriptionCommand => ({
  type: 'change',
  terms: to,
  proration: 'prorate',
  ...options,
});
export const cancel = (
  when: Command<'cancel'>['when'] = 'period-end',
  credit: 'none' | 'prorate' = 'none',
  refund: Command<'cancel'>['refund'] = 'none',
  reason: string | null = null,
): SubscriptionCommand => ({ type: 'cancel', when, credit, refund, reason });
export const pause = (when: 'now' | 'period-end' = 'now', options: Partial<Command<'pause'>> = {}): SubscriptionCommand => ({
  type: 'pause',
  when,
  until: null,
  credit: 'none',
  ...options,
});

export type Outcome = {
  /** The state after the command; throws when there is none. */
  readonly state: Subscription;
  readonly events: readonly SubscriptionEvent[];
  readonly rejection: Rejection | undefined;
  readonly invoices: readonly InvoiceRequest[];
  /** Expects these types of events, in this order, without the noun: `renewal-due`. */
  readonly happens: (t: ExecutionContext, ...types: string[]) => Outcome;
  readonly nothingHappens: (t: ExecutionContext) => Outcome;
  readonly isRefused: (t: ExecutionContext, code: string, pointer?: string) => Outcome;
};

export const invoicesOf = (events: readonly SubscriptionEvent[]): InvoiceRequest[] =>
  events.flatMap((event) => ('invoice' in event && event.invoice !== null ? [event.invoice] : []));

/** A life so far, each step accepted, and the next command. */
export function given(...steps: readonly Step[]) {
  const before = steps.reduce<Subscription | undefined>((state, step) => {
    const outcome = decided(state, step);
    if (outcome.rejection) throw new Error(`a given step was refused: ${outcome.rejection.code}`);
    return outcome.state;
  }, undefined);
  return { before, when: (...step: Step): Outcome => decided(before, step) };
}

function decided(before: Subscription | undefined, [step, at]: Step): Outcome {
  if (typeof step === 'function' && before === undefined) throw new Error('nothing was given');
  const command = typeof step === 'function' ? step(before as Subscription) : step;
  const decision = decide(before, command, utc(at));
  const events = decision.ok ? decision.value : [];
  const state = before ? fold(events, before) : fold(events);
  const broken = state && violation(before, state, events);
  if (broken) throw new Error(broken);
  return outcomeOf(state, events, decision.ok ? undefined : decision.rejection);
}

function outcomeOf(state: Subscription | undefined, events: readonly SubscriptionEvent[], rejection: Rejection | undefined): Outcome {
  const types = events.map(({ type }) => type.replace('subscription.', ''));
  const outcome: Outcome = {
    get state() {
      if (!state) throw new Error('there is no subscription');
      return state;
    },
    events,
    rejection,
    invoices: invoicesOf(events),
    happens: (t, ...expected) => {
      t.deepEqual({ types, rejection }, { types: expected, rejection: undefined });
      return outcome;
    },
    nothingHappens: (t) => outcome.happens(t),
    isRefused: (t, code, pointer) => {
      t.deepEqual({ code: rejection?.code, pointer: rejection?.pointer }, { code, pointer });
      return outcome;
    },
  };
  return outcome;
}

export type PublishedEvent = { readonly at: Instant; readonly event: SubscriptionEvent };

/**
 * A life that continues automatically: between the steps every wake comes in time, and `pays`
 * decides every payment immediately. Returns the state and all events, with their time.
 */
export function liveThrough(steps: readonly Step[], until: string, pays: (at: Instant) => boolean = () => true) {
  const happened: PublishedEvent[] = [];
  let state: Subscription | undefined;
  const apply = (command: SubscriptionCommand, at: Instant) => {
    const decision = decide(state, command, at);
    if (!decision.ok) throw new Error(`${command.type} at ${at}: ${decision.rejection.code}`);
    for (const event of decision.value) {
      state = evolve(state, event);
      happened.push({ at, event });
    }
  };
  const answer = (at: Instant) => {
    while (state?.endedAt === null && state.openInvoices.some(({ pending }) => pending)) {
      apply((pays(at) ? paid : declined())(state), at);
    }
  };
  const walk = (to: Instant) => {
    for (let due = state && nextDue(state, to); due && state; due = nextDue(state, to)) {
      apply(wake, due.at);
      answer(due.at);
    }
  };
  for (const [step, at] of steps) {
    walk(utc(at));
    apply(typeof step === 'function' && state ? step(state) : (step as SubscriptionCommand), utc(at));
    answer(utc(at));
  }
  walk(utc(until));
  if (!state) throw new Error('nothing was lived');
  return { state, happened };
}
