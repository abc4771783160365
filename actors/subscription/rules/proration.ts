import { localDaysBetween } from '../../../services/shared/local-time.ts';
import { portion } from '../../../services/shared/money.ts';
import { type Instant, instantOfMillis, millisOf, type Period } from '../../../services/shared/time.ts';
import { gridAround } from './billing-period.ts';
import { priceOf } from './pricing.ts';
import type { ChargedItem, Explanation, Item, RequestedLine, Subscription } from './subscription.ts';
import type { Anchor } from './subscription-parts.ts';

/** The zone and the unit in which time is counted. */
export type Measure = Pick<Subscription, 'timezone' | 'prorationUnit'>;

/**
 * The length of `[start, end)`, given in milliseconds, in the unit of proration. Days are local
 * calendar days: the day of a change belongs to the new terms, and a day of 23 or 25 hours is one
 * day. Seconds are whole seconds of UTC. Lengths of adjoining periods add up.
 */
export function lengthOf(start: number, end: number, { timezone, prorationUnit }: Measure): number {
  if (prorationUnit === 'day') return localDaysBetween(start, end, timezone);
  return Math.floor(end / 1000) - Math.floor(start / 1000);
}

/**
 * Settings of a charge beyond its item: the phase of its price, and the end of a fixed term, after
 * which nothing is billed.
 */
export type ChargeOptions = { readonly kind: 'recurring' | 'add-on'; readonly periodsBefore: number; readonly until: Instant | null };

const wholeOfList: ChargeOptions = { kind: 'recurring', periodsBefore: 0, until: null };

/**
 * The charge for an item from `from` to the end of the grid period around it: the whole price when
 * it is all of that period, else the part of it that is left, rounded half away from zero.
 */
export function recurringLine(
  item: Item,
  anchor: Anchor,
  from: Instant,
  measure: Measure,
  { kind, periodsBefore, until }: ChargeOptions = wholeOfList,
): RequestedLine {
  const start = millisOf(from);
  const whole = gridAround(anchor, item.plan.interval, measure.timezone, start);
  const end = until === null ? whole.end : Math.min(whole.end, millisOf(until));
  const base = priceOf(item, periodsBefore);
  const denominator = lengthOf(whole.start, whole.end, measure);
  const isFull = whole.start === start && whole.end === end;
  const numerator = isFull ? denominator : lengthOf(start, end, measure);
  const rule = isFull ? 'full-period' : 'partial-period';
  const explanation: Explanation = { rule, unit: measure.prorationUnit, numerator, denominator, base };
  const period = { start: from, end: instantOfMillis(end) };
  return line(kind, item, portion(base, numerator, denominator), period, explanation, null);
}

/**
 * Credits the time of a charged item from `from` to `until` (its own end by default), in proportion
 * to the amount really charged and never more than is left of it. Undefined when there is nothing
 * to credit.
 */
export function creditLine(
  item: ChargedItem,
  rule: 'unused-time' | 'blocked-time' | 'whole-period-returned',
  measure: Measure,
  from: Instant,
  until: Instant = item.period.end,
): RequestedLine | undefined {
  const period = {
    start: from > item.period.start ? from : item.period.start,
    end: until < item.period.end ? until : item.period.end,
  };
  if (period.start >= period.end) return undefined;
  const within = measureWithin(item.period, measure);
  const numerator = lengthOf(millisOf(period.start), millisOf(period.end), within);
  const denominator = lengthOf(millisOf(item.period.start), millisOf(item.period.end), within);
  const explanation: Explanation = { rule, unit: within.prorationUnit, numerator, denominator, base: item.amount };
  const share = portion(item.amount, numerator, denominator);
  const amount = Math.min(share, item.amount - item.credited);
  return amount > 0 ? line('credit', item.terms, -amount, period, explanation, item.invoiceId) : undefined;
}

/**
 * The measure of a period. One that a pause has moved may lie within one local day but is still
 * worth its price, so its seconds are counted.
 */
const measureWithin = ({ start, end }: Period, measure: Measure): Measure =>
  lengthOf(millisOf(start), millisOf(end), measure) > 0 ? measure : { ...measure, prorationUnit: 'second' };

function line(
  kind: RequestedLine['kind'],
  { plan, quantity }: Item,
  amount: number,
  period: Period,
  explanation: Explanation,
  creditedInvoiceId: string | null,
): RequestedLine {
  return {
    kind,
    planId: plan.planId,
    planVersion: plan.version,
    name: plan.name,
    quantity,
    amount,
    discount: 0,
    period,
    explanation,
    creditedInvoiceId,
  };
}
