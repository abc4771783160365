import { hash } from 'node:crypto';
import type { DeclineCategory } from '../../actors/subscription/rules/subscription-parts.ts';
import { dayMillis, localMillisOf, millisOfLocal } from '../../services/shared/local-time.ts';
import { type Instant, instantOfMillis, millisOf, plusMillis } from '../../services/shared/time.ts';

/**
 * Customers and the declines of their cards. Every random number is derived from the seed, the
 * customer and the day, so that the same customer has the same declines, the same salary and the
 * same reactions to messages under every policy (common random numbers).
 *
 * The probabilities are rounded figures of published studies, and no measurements of Marquee:
 * - Declines of first attempts: 5-6 % of credit and 9-13 % of debit cards (scriberbase.com, "Card
 *   declines are a revenue killer"), 13 % of recurring transactions (blog.recurly.com, "What is
 *   involuntary churn"); here 9 %, unevenly spread over customers.
 * - Soft declines are 60-70 % of them, most for insufficient funds, and expired cards a quarter
 *   (finsi.ai, "Failed payment recovery", "Involuntary churn"). Insufficient funds end with the
 *   payday (slickerhq.com, "Intelligent payday retries"). Retries by day succeed more often than by
 *   night (dunningcompare.com, "Billing retry statistics").
 * - Recovery rates for comparison: a median near 48 % (digitalapplied.com, "Dunning playbook"),
 *   53 % before and 71 % after better retries, nine tenths of it within ten days (recurly.com,
 *   "Failed payment recovery").
 * - The share of notified customers who add a new card, and their delay, are assumptions.
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

type DeclineCode = 'insufficient_funds' | 'do_not_honor' | 'processing_error' | 'expired_card' | 'stolen_card';

/** The reason for which a first attempt was declined, and the later actions of the customer. */
export type DeclineCause = {
  readonly code: DeclineCode;
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

type DeclineProfile = {
  readonly share: number;
  readonly category: DeclineCategory;
  /** The share of notified customers who add a new card, and the days until half of these have. */
  readonly newCard: number;
  readonly halfAfterDays: number;
};

const declineProfiles: Readonly<Record<DeclineCode, DeclineProfile>> = {
  insufficient_funds: { share: 0.4, category: 'soft', newCard: 0.1, halfAfterDays: 5 },
  do_not_honor: { share: 0.2, category: 'soft', newCard: 0.2, halfAfterDays: 4 },
  processing_error: { share: 0.08, category: 'soft', newCard: 0.05, halfAfterDays: 3 },
  expired_card: { share: 0.23, category: 'expired-card', newCard: 0.4, halfAfterDays: 3 },
  stolen_card: { share: 0.09, category: 'hard', newCard: 0.4, halfAfterDays: 4 },
};
const newCardOnSuspension = 0.2;

/** A number evenly distributed between 0 and 1, the same for the same keys. */
export const randomNumber = (...keys: readonly (string | number)[]): number =>
  Number.parseInt(hash('sha256', keys.join('|'), 'hex').slice(0, 12), 16) / 2 ** 48;

const pick = <Value>(among: readonly Value[], at: number): Value => among[Math.floor(at * among.length)] as Value;

/** Customers who start in January 2026, each at a different instant. */
export function customersOf(seed: number, count: number): Customer[] {
  return Array.from({ length: count }, (_, index) => {
    const of = (key: string) => randomNumber(seed, index, key);
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
export function declineCauseOf({ seed, id, risk }: Customer, at: Instant): DeclineCause | undefined {
  const of = (key: string) => randomNumber(seed, id, at.slice(0, 7), key);
  if (of('trouble') >= risk) return undefined;
  const code = kindAt(of('kind'));
  const { category, newCard, halfAfterDays } = declineProfiles[code];
  const delay = halfAfterDays * dayMillis * -Math.log2(1 - of('how soon'));
  return {
    ...{ code, category, since: at },
    newCardAt: of('answers') < newCard ? plusMillis(at, Math.round(delay)) : null,
    newCardAfterSuspension: of('misses it') < newCardOnSuspension ? Math.round((0.1 + 2 * of('how soon')) * dayMillis) : null,
  };
}

function kindAt(point: number): DeclineCode {
  let sum = 0;
  for (const [kind, { share }] of Object.entries(declineProfiles)) {
    sum += share;
    if (point < sum) return kind as DeclineCode;
  }
  return 'insufficient_funds';
}

/**
 * Whether the card is charged at this instant although it was declined before. Attempts of one day
 * share their random number.
 */
export function isResolved({ code, since }: DeclineCause, customer: Customer, at: Instant): boolean {
  const { seed, id, timezone } = customer;
  const local = localMillisOf(millisOf(at), timezone);
  const day = Math.floor(local / dayMillis);
  const today = randomNumber(seed, id, day, code);
  const daysPassed = (millisOf(at) - millisOf(since)) / dayMillis;
  switch (code) {
    case 'insufficient_funds':
      return daysPassed > 0 && (hasSalary(customer, since, at) || today < 0.05);
    case 'do_not_honor': {
      const isDay = local % dayMillis >= 9 * hourMillis && local % dayMillis < 18 * hourMillis;
      return daysPassed > 0 && randomNumber(seed, id, since, 'for good') >= 0.4 && today < (isDay ? 0.25 : 0.15);
    }
    case 'processing_error':
      return daysPassed > 1 / 24 && today < 0.9;
    case 'expired_card':
      // For some customers, the account updater of the networks finds the new card within a week.
      return randomNumber(seed, id, since, 'updater') < 0.25 && daysPassed > 7 * randomNumber(seed, id, since, 'updated');
    case 'stolen_card':
      return false;
  }
}

const hourMillis = 3_600_000;

/**
 * The salary arrives on payday at six in the morning, usually suffices, and lasts for some days.
 */
function hasSalary({ seed, id, payday, timezone }: Customer, since: Instant, at: Instant): boolean {
  const today = Math.floor(localMillisOf(millisOf(at), timezone) / dayMillis);
  for (let day = today; day > today - 15; day -= 1) {
    if (!isPayday(day, payday)) continue;
    const paidAt = millisOfLocal(day * dayMillis + 6 * hourMillis, timezone);
    const lastsMillis = (5 + 10 * randomNumber(seed, id, day, 'lasts')) * dayMillis;
    const isAvailable = paidAt > millisOf(since) && paidAt <= millisOf(at) && millisOf(at) < paidAt + lastsMillis;
    if (isAvailable && randomNumber(seed, id, day, 'enough') < 0.65) return true;
  }
  return false;
}

function isPayday(day: number, payday: number): boolean {
  const date = new Date(day * dayMillis);
  const lastDay = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  return date.getUTCDate() === (payday === -1 ? lastDay : Math.min(payday, lastDay));
}
