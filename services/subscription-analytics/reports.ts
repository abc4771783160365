import type { Row } from '../shared/report.ts';
import type { Instant } from '../shared/time.ts';
import { bucketOf, bucketsOf, type Grouping } from './buckets.ts';
import { type History, type MovementKind, movementsOf, recurring, standingAt, subscriberSpan, trialOf } from './history.ts';

type Histories = AsyncIterable<History> | Iterable<History>;
export type Series = { readonly from: Instant; readonly to: Instant; readonly groupBy: Grouping; readonly currency?: string | undefined };

export const mrrAtColumns = ['currency', 'mrr', 'paying', 'trialing', 'paused', 'suspended'] as const;
export const plansColumns = ['plan', ...mrrAtColumns] as const;
export const mrrColumns = [
  'period',
  'currency',
  'opening',
  'new',
  'reactivated',
  'expansion',
  'contraction',
  'churned',
  'closing',
] as const;
export const churnColumns = ['period', 'opening', 'new', 'churned', 'paymentFailed', 'closing', 'churnRate'] as const;
export const trialsColumns = ['period', 'started', 'converted', 'lost', 'running', 'conversionRate'] as const;

/**
 * Monthly recurring revenue and the number of subscriptions by stage right after an instant: one
 * row per currency, or per plan and currency.
 */
export async function standings(histories: Histories, at: Instant, by: 'currency' | 'plan', currency: string | undefined): Promise<Row[]> {
  const rows = new Map<string, Record<string, string | number>>();
  for await (const history of histories) {
    const standing = standingAt(history, at);
    if (!standing || (currency && standing.sold.currency !== currency)) continue;
    const { stage, sold } = standing;
    if (stage === 'pending' || stage === 'ended') continue;
    const names = { ...(by === 'plan' && { plan: sold.planId }), currency: sold.currency };
    const row = entry(rows, Object.values(names).join(' '), () => ({ ...names, mrr: 0, paying: 0, trialing: 0, paused: 0, suspended: 0 }));
    add(row, 'mrr', recurring(standing));
    add(row, stage, 1);
  }
  return sorted(rows);
}

/**
 * Movements of monthly recurring revenue by day or month, one row per currency. `opening` plus the
 * movements equals `closing`.
 */
export async function mrrSeries(histories: Histories, { from, to, groupBy, currency }: Series): Promise<Row[]> {
  const opening = new Map<string, { amount: number }>();
  const moved = new Map<string, Record<MovementKind, number>>();
  for await (const history of histories) {
    for (const movement of movementsOf(history)) {
      if (movement.at >= to || (currency && movement.currency !== currency)) continue;
      entry(opening, movement.currency, () => ({ amount: 0 })).amount += movement.at < from ? movement.amount : 0;
      if (movement.at < from) continue;
      const key = `${bucketOf(movement.at, groupBy)} ${movement.currency}`;
      entry(moved, key, nothingMoved)[movement.kind] += movement.amount;
    }
  }
  return [...opening].sort(byKey).flatMap(([code, { amount }]) => {
    let closing = amount;
    return bucketsOf(from, to, groupBy).map((period) => {
      const movements = moved.get(`${period} ${code}`) ?? nothingMoved();
      const before = closing;
      closing = Object.values(movements).reduce((sum, change) => sum + change, before);
      return { period, currency: code, opening: before, ...movements, closing };
    });
  });
}

/**
 * Subscribers won and lost by day or month. `paymentFailed` counts the churned subscribers whose
 * payment failed; the others ended for another reason.
 */
export async function churnSeries(histories: Histories, { from, to, groupBy, currency }: Series): Promise<Row[]> {
  let closing = 0;
  const counts = new Map(bucketsOf(from, to, groupBy).map((period) => [period, { new: 0, churned: 0, paymentFailed: 0 }]));
  for await (const history of histories) {
    const span = subscriberSpan(history);
    if (!span || !inCurrency(history, currency)) continue;
    const { begunAt, ended } = span;
    const won = counts.get(bucketOf(begunAt, groupBy));
    if (begunAt < from) closing += 1;
    else if (begunAt < to && won) won.new += 1;
    if (!ended) continue;
    const lost = counts.get(bucketOf(ended.at, groupBy));
    if (ended.at < from) closing -= 1;
    else if (ended.at < to && lost) {
      lost.churned += 1;
      if (ended.reason === 'payment-failed') lost.paymentFailed += 1;
    }
  }
  return [...counts].map(([period, count]) => {
    const opening = closing;
    closing += count.new - count.churned;
    return { period, opening, ...count, closing, churnRate: share(count.churned, opening) };
  });
}

/** Trials by the day or month of their start, with their outcomes until now. */
export async function trialsSeries(histories: Histories, { from, to, groupBy, currency }: Series): Promise<Row[]> {
  const counts = new Map(bucketsOf(from, to, groupBy).map((period) => [period, { started: 0, converted: 0, lost: 0, running: 0 }]));
  for await (const history of histories) {
    const trial = trialOf(history);
    if (!trial || trial.startedAt < from || trial.startedAt >= to || !inCurrency(history, currency)) continue;
    const count = counts.get(bucketOf(trial.startedAt, groupBy));
    if (!count) continue;
    count.started += 1;
    count[trial.outcome] += 1;
  }
  return [...counts].map(([period, count]) => ({ period, ...count, conversionRate: share(count.converted, count.converted + count.lost) }));
}

const nothingMoved = (): Record<MovementKind, number> => ({ new: 0, reactivated: 0, expansion: 0, contraction: 0, churned: 0 });

const inCurrency = ({ changes }: History, currency: string | undefined): boolean =>
  currency === undefined || changes.some(({ sold }) => sold.currency === currency);

/** A ratio with four decimals; null if the whole is zero. */
const share = (part: number, whole: number): number | null => (whole === 0 ? null : Math.round((part / whole) * 10_000) / 10_000);

function entry<Value>(map: Map<string, Value>, key: string, start: () => Value): Value {
  const value = map.get(key) ?? start();
  map.set(key, value);
  return value;
}

function add(row: Record<string, string | number>, column: string, amount: number): void {
  row[column] = Number(row[column]) + amount;
}

const byKey = ([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number => (one < other ? -1 : 1);

const sorted = (rows: ReadonlyMap<string, Row>): Row[] => [...rows].sort(byKey).map(([, row]) => row);
