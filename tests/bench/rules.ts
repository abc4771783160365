import { decide } from '../../actors/subscription/rules/decide.ts';
import { evolve } from '../../actors/subscription/rules/evolve.ts';
import type { BillingInterval, Subscription, SubscriptionCommand } from '../../actors/subscription/rules/subscription.ts';
import { nextWake } from '../../actors/subscription/rules/wake.ts';
import { instantOfMillis } from '../../services/shared/time.ts';
import { declined, paid, start, terms, wake } from '../support/subscription-life.ts';

const zones = ['Europe/Berlin', 'America/New_York', 'America/Sao_Paulo', 'Asia/Kathmandu', 'Asia/Tokyo', 'Australia/Lord_Howe', 'UTC'];
const cadences: BillingInterval[] = [
  { unit: 'month', count: 1 },
  { unit: 'month', count: 3 },
  { unit: 'year', count: 1 },
  { unit: 'week', count: 2 },
  { unit: 'day', count: 30 },
];

/**
 * Starts a subscription. Each has its own anchor, to the second, so that no two share a billing
 * calendar.
 */
function started(index: number): Subscription {
  const startAt = instantOfMillis(Date.UTC(2024, 0, 1) + ((index * 7_919) % (366 * 86_400)) * 1000);
  const command = start({
    id: `sub_${index}`,
    timezone: zones[index % zones.length] ?? 'UTC',
    terms: terms('plan_bench', 1799, cadences[index % cadences.length]),
    anchor: index % 4 === 0 ? { day: (index % 31) + 1, month: null } : null,
  });
  const decision = decide(undefined, command, startAt);
  if (!decision.ok) throw new Error(decision.rejection.code);
  return decision.value.reduce<Subscription | undefined>(evolve, undefined) as Subscription;
}

/** One turn of the actor without its store: decides, applies the events and finds the next wake. */
function turn(state: Subscription, command: SubscriptionCommand, now: string): Subscription {
  const decision = decide(state, command, now);
  if (!decision.ok) throw new Error(decision.rejection.code);
  const after = decision.value.reduce<Subscription>(evolve, state);
  nextWake(after);
  return after;
}

/**
 * The turns of one period: a wake that is too early, the due wake, and the payment, before which
 * every twentieth is declined once.
 */
function billPeriod(state: Subscription, index: number): { state: Subscription; turns: number } {
  const due = nextWake(state);
  if (state.openInvoices.length > 0 || due === undefined) return { state: turn(state, paid(state), state.createdAt), turns: 1 };
  const early = turn(state, wake, state.period?.start ?? state.createdAt);
  const billed = turn(early, wake, due.at);
  if (index % 20 > 0) return { state: turn(billed, paid(billed), due.at), turns: 3 };
  const failed = turn(billed, declined()(billed), due.at);
  return { state: turn(failed, paid(failed), due.at), turns: 4 };
}

type RulesMeasurement = {
  readonly decisionsPerSecond: number;
  readonly decisions: number;
  readonly subscriptions: number;
  readonly seconds: number;
};

/**
 * Decisions per second of processor time over mixed commands: a third are wakes with nothing due, a
 * third renewals, a third payment outcomes. A tenth of the subscriptions go first, untimed, to warm
 * the process up.
 */
function measureRules(subscriptions = 40_000, periods = 6): RulesMeasurement {
  billAll(subscriptions / 10, periods);
  const begun = process.cpuUsage();
  const decisions = billAll(subscriptions, periods);
  const { user, system } = process.cpuUsage(begun);
  const seconds = (user + system) / 1_000_000;
  return { decisionsPerSecond: Math.round(decisions / seconds), decisions, subscriptions, seconds };
}

/**
 * Runs one subscription after the other from its start through its periods; returns the number of
 * decisions.
 */
function billAll(subscriptions: number, periods: number): number {
  let decisions = 0;
  for (let index = 0; index < subscriptions; index += 1) {
    let state = started(index);
    decisions += 1;
    for (let period = 0; period <= periods; period += 1) {
      const billed = billPeriod(state, index + period);
      state = billed.state;
      decisions += billed.turns;
    }
  }
  return decisions;
}

export async function benchRules(): Promise<string> {
  const { decisionsPerSecond, subscriptions } = measureRules();
  return `${decisionsPerSecond} decisions a second of one core, over ${subscriptions} subscriptions (target 200000)`;
}
