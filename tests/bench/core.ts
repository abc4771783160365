import { decide } from '../../actors/subscription/rules/decide.ts';
import { evolve } from '../../actors/subscription/rules/evolve.ts';
import type { Cadence, Subscription, SubscriptionCommand } from '../../actors/subscription/rules/subscription.ts';
import { nextWake } from '../../actors/subscription/rules/wake.ts';
import { instantOfMillis } from '../../services/shared/time.ts';
import { declined, paid, start, terms, wake } from '../support/subscription-life.ts';

const zones = ['Europe/Berlin', 'America/New_York', 'America/Sao_Paulo', 'Asia/Kathmandu', 'Asia/Tokyo', 'Australia/Lord_Howe', 'UTC'];
const cadences: Cadence[] = [
  { unit: 'month', count: 1 },
  { unit: 'month', count: 3 },
  { unit: 'year', count: 1 },
  { unit: 'week', count: 2 },
  { unit: 'day', count: 30 },
];

/** Every life has an anchor of its own, to the second, so that no two share a grid. */
function born(index: number): Subscription {
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

/** One turn as the actor takes it, without the store: decide, fold, find the next wake. */
function turn(state: Subscription, command: SubscriptionCommand, now: string): Subscription {
  const decision = decide(state, command, now);
  if (!decision.ok) throw new Error(decision.rejection.code);
  const after = decision.value.reduce<Subscription>(evolve, state);
  nextWake(after);
  return after;
}

/** The next few turns of a life: an early wake, the due one, and the answer of the gateway, every twentieth of them a decline first. */
function live(state: Subscription, index: number): { state: Subscription; turns: number } {
  const due = nextWake(state);
  if (state.openInvoices.length > 0 || due === undefined) return { state: turn(state, paid(state), state.createdAt), turns: 1 };
  const early = turn(state, wake, state.period?.start ?? state.createdAt);
  const billed = turn(early, wake, due.at);
  if (index % 20 > 0) return { state: turn(billed, paid(billed), due.at), turns: 3 };
  const failed = turn(billed, declined()(billed), due.at);
  return { state: turn(failed, paid(failed), due.at), turns: 4 };
}

export type CoreMeasurement = {
  readonly decisionsPerSecond: number;
  readonly decisions: number;
  readonly lives: number;
  readonly seconds: number;
};

/**
 * Decisions per second on one core (processor time, for other work shares the machine) over mixed lives: a third of them wakes with
 * nothing due, a third renewals, a third outcomes of payments. A tenth of the lives goes first, untimed: a host runs long enough to be warm.
 */
export function measureCore(lives = 40_000, rounds = 6): CoreMeasurement {
  liveOn(lives / 10, rounds);
  const begun = process.cpuUsage();
  const decisions = liveOn(lives, rounds);
  const { user, system } = process.cpuUsage(begun);
  const seconds = (user + system) / 1_000_000;
  return { decisionsPerSecond: Math.round(decisions / seconds), decisions, lives, seconds };
}

/** One life after the other, each from its start through so many periods; returns the number of decisions. */
function liveOn(lives: number, rounds: number): number {
  let decisions = 0;
  for (let index = 0; index < lives; index += 1) {
    let state = born(index);
    decisions += 1;
    for (let round = 0; round <= rounds; round += 1) {
      const lived = live(state, index + round);
      state = lived.state;
      decisions += lived.turns;
    }
  }
  return decisions;
}

if (import.meta.main) console.log(measureCore());
