import { portion } from './money.ts';

export type Interval = { readonly unit: 'day' | 'week' | 'month' | 'year'; readonly count: number };

const monthsOf = {
  day: [365, 12],
  week: [52, 12],
  month: [1, 1],
  year: [1, 12],
} as const;

/**
 * The monthly equivalent of `amount` minor units per interval (a year has 12 months, 52 weeks or
 * 365 days), rounded half away from zero.
 */
export function monthlyAmount(amount: number, { unit, count }: Interval): number {
  const [times, by] = monthsOf[unit];
  return portion(amount, times, by * count);
}
