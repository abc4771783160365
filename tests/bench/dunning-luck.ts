import { hash } from 'node:crypto';
import type { DeclineCategory } from '../../actors/subscription/rules/subscription-parts.ts';
import { dayMillis, localMillisOf, millisOfLocal } from '../../services/shared/local-time.ts';
import { type Instant, instantOfMillis, millisOf, plusMillis } from '../../services/shared/time.ts';

/**
 * What happens to customers and their cards, whatever the policy: all luck comes from the seed, the
 * customer and the day, so that the same customer meets the same trouble, has money on the same
 * days and answers the same message under every policy (common random numbers).
 *
 * The figures are of the order that the field publishes, rounded; they are no measurement of ours:
 * - declines of first attempts: 5-6 % of credit and 9-13 % of debit cards (scriberbase.com, "Card
 *   declines are a revenue killer"), 13 % of recurring transactions (blog.recurly.com, "What is
 *   involuntary churn"); here 9 %, unevenly spread over people.
 * - soft declines 60-70 % of them, of which most lack funds, and expired cards a quarter (finsi.ai,
 *   "Failed payment recovery", "Involuntary churn"); lack of funds ends with payday (slickerhq.com,
 *   "Intelligent payday retries"); retries by day do better than by night (dunningcompare.com,
 *   "Billing retry statistics").
 * - to compare the outcome with: medians of recovery near 48 % (digitalapplied.com, "Dunning
 *   playbook"), 53 % before and 71 % after better retries, nine tenths of it within ten days
 *   (recurly.com, "Failed payment recovery").
 * - how many people give a new card when they are asked, and how soon, is our assumption.
 */
export type Customer = {
  readonly id: string;
  readonly seed: number;
  readonly timezone: string;
  readonly startAt: Instant;
  /** In minor units per month. */
  readonly price: number;
  /** Day of the month; -1 is the last. */
  readonly payday: number;
  /** Chance that the first attempt of a renewal is declined. */
  readonly risk: number;
};

type Kind = 'insufficient_funds' | 'do_not_honor' | 'processing_error' | 'expired_card' | 'stolen_card';

/** The reason for which a first attempt was declined, and the later actions of the customer. */
export type Trouble = {
  readonly code: Kind;
  readonly category: DeclineCategory;
  readonly since: Instant;
  /** The instant at which the customer adds a new card after the first message, or null. */
  readonly newCardAt: Instant | null;
  /**
   * The time from the loss of access until a customer without a new card adds one, in milliseconds,
   * or null.
   */
  readonly newCardAfterSuspension: number | null;
};

type Nature = {
  readonly share: number;
  readonly category: DeclineCategory;
  /** The share of notified customers who add a new card, and the days until half of these have. */
  readonly newCard: number;
  readonly halfOfThemAfterDays: number;
};

const natures: Readonly<Record<Kind, Nature>> = {
  insufficient_funds: { share: 0.4, category: 'soft', newCard: 0.1, halfOfThemAfterDays: 5 },
  do_not_honor: { share: 0.2, category: 'soft', newCard: 0.2, halfOfThemAfterDays: 4 },
  processing_error: { share: 0.08, category: 'soft', newCard: 0.05, halfOfThemAfterDays: 3 },
  expired_card: { share: 0.23, category: 'expired-card', newCard: 0.4, halfOfThemAfterDays: 3 },
  stolen_card: { share: 0.09, category: 'hard', newCard: 0.4, halfOfThemAfterDays: 4 },
};
const newCardOnSuspension = 0.2;

/** A number evenly distributed between 0 and 1, the same for the same keys. */
export const luck = (...keys: readonly (string | number)[]): number =>
  Number.parseInt(hash('sha256', keys.join('|'), 'hex').slice(0, 12), 16) / 2 ** 48;

const pick = <Value>(among: readonly Value[], at: number): Value => among[Math.floor(at * among.length)] as Value;

/** Customers who start in January 2026, each at a different instant. */
export function customersOf(seed: number, count: number): Customer[] {
  return Array.from({ length: count }, (_, index) => {
    const of = (what: string) => luck(seed, index, what);
    const isProne = of('prone') < 0.2;
    return {
      id: `cus_${index}`,
      seed,
      timezone: pick(['Europe/Berlin', 'Europe/London', 'America/New_York', 'America/Los_Angeles', 'Asia/Tokyo'], of('zone')),
      startAt: instantOfMillis(Date.UTC(2026, 0, 1) + Math.floor(of('start') * 28 * dayMillis)),
      price: pick([799, 1299, 1299, 1799], of('price')),
      payday: of('habit') < 0.85 ? pick([1, 15, -1], of('payday')) : 2 + Math.floor(of('payday') * 26),
      risk: isProne ? 0.21 : 0.06,
    };
  });
}

/** The cause for which the first attempt of a renewal at this instant is declined, or undefined. */
export function troubleOf({ seed, id, risk }: Customer, at: Instant): Trouble | undefined {
  const of = (what: string) => luck(seed, id, at.slice(0, 7), what);
  if (of('trouble') >= risk) return undefined;
  const code = kindAt(of('kind'));
  const { category, newCard, halfOfThemAfterDays } = natures[code];
  const delay = halfOfThemAfterDays * dayMillis * -Math.log2(1 - of('how soon'));
  return {
    ...{ code, category, since: at },
    newCardAt: of('answers') < newCard ? plusMillis(at, Math.round(delay)) : null,
    newCardAfterSuspension: of('misses it') < newCardOnSuspension ? Math.round((0.1 + 2 * of('how soon')) * dayMillis) : null,
  };
}

function kindAt(point: number): Kind {
  let sum = 0;
  for (const [kind, { share }] of Object.entries(natures)) {
    sum += share;
    if (point < sum) return kind as Kind;
  }
  return 'insufficient_funds';
}

/**
 * Whether the card is charged at this instant although it was declined before. Attempts of one day
 * share their random number.
 */
export function isOver({ code, since }: Trouble, customer: Customer, at: Instant): boolean {
  const { seed, id, timezone } = customer;
  const local = localMillisOf(millisOf(at), timezone);
  const day = Math.floor(local / dayMillis);
  const today = luck(seed, id, day, code);
  const daysPassed = (millisOf(at) - millisOf(since)) / dayMillis;
  switch (code) {
    case 'insufficient_funds':
      return daysPassed > 0 && (hasBeenPaid(customer, since, at) || today < 0.05);
    case 'do_not_honor': {
      const isDay = local % dayMillis >= 9 * hourMillis && local % dayMillis < 18 * hourMillis;
      return daysPassed > 0 && luck(seed, id, since, 'for good') >= 0.4 && today < (isDay ? 0.25 : 0.15);
    }
    case 'processing_error':
      return daysPassed > 1 / 24 && today < 0.9;
    case 'expired_card':
      // For some customers, the account updater of the networks finds the new card within a week.
      return luck(seed, id, since, 'updater') < 0.25 && daysPassed > 7 * luck(seed, id, since, 'updated');
    case 'stolen_card':
      return false;
  }
}

const hourMillis = 3_600_000;

/**
 * The salary arrives on payday at six in the morning, usually suffices, and lasts for some days.
 */
function hasBeenPaid({ seed, id, payday, timezone }: Customer, since: Instant, at: Instant): boolean {
  const today = Math.floor(localMillisOf(millisOf(at), timezone) / dayMillis);
  for (let day = today; day > today - 15; day -= 1) {
    if (!isPayday(day, payday)) continue;
    const paidAt = millisOfLocal(day * dayMillis + 6 * hourMillis, timezone);
    const lastsMillis = (5 + 10 * luck(seed, id, day, 'lasts')) * dayMillis;
    const isIn = paidAt > millisOf(since) && paidAt <= millisOf(at) && millisOf(at) < paidAt + lastsMillis;
    if (isIn && luck(seed, id, day, 'enough') < 0.65) return true;
  }
  return false;
}

function isPayday(day: number, payday: number): boolean {
  const date = new Date(day * dayMillis);
  const lastDay = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  return date.getUTCDate() === (payday === -1 ? lastDay : Math.min(payday, lastDay));
}
