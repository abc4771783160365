import { decide } from '../../actors/subscription/rules/decide.ts';
import { fold } from '../../actors/subscription/rules/evolve.ts';
import { violation } from '../../actors/subscription/rules/invariants.ts';
import { totalOf } from '../../actors/subscription/rules/invoice.ts';
import type { OpenInvoice, Subscription, SubscriptionCommand, SubscriptionEvent } from '../../actors/subscription/rules/subscription.ts';
import type { RetryPolicy } from '../../actors/subscription/rules/subscription-parts.ts';
import { nextWake } from '../../actors/subscription/rules/wake.ts';
import { plusLocalMonths } from '../../services/shared/local-time.ts';
import { earliest, type Instant, later, plusMillis } from '../../services/shared/time.ts';
import { invoicesOf, method, paid, start, terms, wake } from '../support/subscription-life.ts';
import { type Customer, type DeclineCause, declineCauseOf, isResolved } from './dunning-customers.ts';

/** An invoice above zero, and its status at the end of the year. Minor units. */
export type BilledInvoice = {
  readonly amount: number;
  readonly isRenewal: boolean;
  readonly attempts: readonly Instant[];
  readonly status: 'open' | 'paid' | 'uncollectible' | 'void';
};

export type Year = {
  readonly bills: readonly BilledInvoice[];
  /** Returned as account credit for time without access, in minor units. */
  readonly credited: number;
  readonly outcome: 'stays' | 'lost' | 'downgraded';
  /** Automatic attempts on a card that was reported stolen: the networks allow none. */
  readonly attemptsOnStolenCards: number;
};

/**
 * A subscription with its invoices, and the present cause of its declines with the instant of a new
 * card.
 */
type Life = {
  readonly customer: Customer;
  readonly bills: Map<string, BilledInvoice>;
  state: Subscription | undefined;
  cause: DeclineCause | undefined;
  newCardAt: Instant | null;
  credited: number;
  attemptsOnStolenCards: number;
};

/**
 * A year of one customer under a policy, decided by the rules of the subscription: every wake comes
 * in time, every attempt has an immediate outcome, and a new card is recorded when the customer
 * adds it. The invariants hold at each turn.
 */
export function yearOf(customer: Customer, policy: RetryPolicy): Year {
  const until = plusLocalMonths(customer.startAt, 12, customer.timezone);
  const life: Life = { customer, bills: new Map(), state: undefined, ...withoutCause, credited: 0, attemptsOnStolenCards: 0 };
  let at = customer.startAt;
  let state = turn(life, startOf(customer, policy), at);
  for (let next = nextIn(life, state); next !== undefined && next.at < until; next = nextIn(life, state)) {
    at = later(at, next.at);
    if (next.kind === 'new card') Object.assign(life, withoutCause);
    state = next.kind === 'attempt' ? attempt(life, state, next.open, at) : turn(life, next.kind === 'wake' ? wake : method(true), at);
  }
  const { bills, credited, attemptsOnStolenCards } = life;
  return { bills: [...bills.values()], credited, attemptsOnStolenCards, outcome: outcomeOf(state, customer) };
}

const withoutCause = { cause: undefined, newCardAt: null };

type Next =
  | { readonly kind: 'attempt'; readonly at: Instant; readonly open: OpenInvoice }
  | { readonly kind: 'wake' | 'new card'; readonly at: Instant };

/** The attempt under way, or else the earlier one of the next wake and the new card. */
function nextIn({ newCardAt }: Life, state: Subscription): Next | undefined {
  const open = state.endedAt === null ? state.openInvoices.find(({ pending }) => pending) : undefined;
  if (open) return { kind: 'attempt', at: open.pendingSince, open };
  const due = nextWake(state)?.at;
  const isCardFirst = newCardAt !== null && state.endedAt === null && (due === undefined || newCardAt <= due);
  if (isCardFirst) return { kind: 'new card', at: newCardAt };
  return due === undefined ? undefined : { kind: 'wake', at: due };
}

/** Runs one turn like the actor. Throws on a rejection and on a broken invariant. */
function turn(life: Life, command: SubscriptionCommand, at: Instant): Subscription {
  const before = life.state;
  const decision = decide(before, command, at);
  if (!decision.ok) throw new Error(`${command.type} at ${at}: ${decision.rejection.code}`);
  const after = before ? fold(decision.value, before) : (fold(decision.value) as Subscription);
  const broken = violation(before, after, decision.value);
  if (broken) throw new Error(broken);
  life.state = after;
  for (const event of decision.value) note(life, event);
  return after;
}

function note(life: Life, event: SubscriptionEvent): void {
  for (const invoice of invoicesOf([event])) {
    const amount = totalOf(invoice);
    const isRenewal = invoice.cause === 'renewal';
    if (amount > 0) life.bills.set(invoice.invoiceId, { amount, isRenewal, attempts: [], status: 'open' });
    else life.credited -= amount;
  }
  if (event.type === 'subscription.ended')
    for (const { invoiceId, as } of event.closes) changeBill(life, invoiceId, () => ({ status: as }));
  const prompted = life.cause?.newCardAfterSuspension ?? null;
  if (event.type !== 'subscription.suspended' || prompted === null) return;
  life.newCardAt = earliest(life.newCardAt, plusMillis(event.at, prompted)) ?? null;
}

function changeBill({ bills }: Life, invoiceId: string, change: (bill: BilledInvoice) => Partial<BilledInvoice>): void {
  const bill = bills.get(invoiceId);
  if (bill) bills.set(invoiceId, { ...bill, ...change(bill) });
}

/**
 * Records the outcome of the attempt under way. A cause of declines remains until it ends or there
 * is a new card.
 */
function attempt(life: Life, state: Subscription, open: OpenInvoice, at: Instant): Subscription {
  const { customer } = life;
  changeBill(life, open.invoiceId, ({ attempts }) => ({ attempts: [...attempts, at] }));
  if (life.cause?.category === 'hard') life.attemptsOnStolenCards += 1;
  if (open.failedAttempts === 0 && open.cause === 'renewal') {
    life.cause ??= declineCauseOf(customer, at);
    life.newCardAt ??= life.cause?.newCardAt ?? null;
  }
  if (life.cause && !isResolved(life.cause, customer, at)) return turn(life, declinedFor(open, life.cause), at);
  Object.assign(life, withoutCause);
  changeBill(life, open.invoiceId, () => ({ status: 'paid' }));
  return turn(life, paid(state), at);
}

const startOf = ({ id, timezone, price }: Customer, policy: RetryPolicy): SubscriptionCommand =>
  start({ id: id.replace('cus', 'sub'), customerId: id, timezone, terms: terms('plan_monthly', price), policy });

const declinedFor = ({ invoiceId, failedAttempts }: OpenInvoice, { code, category }: DeclineCause): SubscriptionCommand => ({
  ...{ type: 'recordPayment', invoiceId, outcome: 'declined', attempt: failedAttempts + 1, category, declineCode: code },
});

function outcomeOf({ endedAt, terms: { plan } }: Subscription, { price }: Customer): Year['outcome'] {
  if (endedAt !== null) return 'lost';
  return plan.price.amount === price ? 'stays' : 'downgraded';
}
