import { type Difference, type DifferenceKind, differenceKinds } from '../../shared/contracts/difference-resource.ts';

/**
 * Minor units of one currency on both sides of what was compared; equal where there is no
 * difference.
 */
export type Totals = {
  readonly gatewayCharged: number;
  readonly paymentsCharged: number;
  readonly gatewayRefunded: number;
  readonly paymentsRefunded: number;
};

/** The number of compared records, and of the differences that were found. */
export type Summary = {
  readonly charges: number;
  readonly refunds: number;
  readonly payments: number;
  readonly invoices: number;
  readonly totals: Readonly<Record<string, Totals>>;
  readonly differences: Readonly<Partial<Record<DifferenceKind, number>>>;
};

export const emptySummary: Summary = { charges: 0, refunds: 0, payments: 0, invoices: 0, totals: {}, differences: {} };

const noTotals: Totals = { gatewayCharged: 0, paymentsCharged: 0, gatewayRefunded: 0, paymentsRefunded: 0 };

/** The totals with amounts of one currency added. */
export function withAmounts(totals: Summary['totals'], currency: string, more: Partial<Totals>): Summary['totals'] {
  const before = totals[currency] ?? noTotals;
  const sum = (name: keyof Totals) => before[name] + (more[name] ?? 0);
  const after = {
    ...{ gatewayCharged: sum('gatewayCharged'), paymentsCharged: sum('paymentsCharged') },
    ...{ gatewayRefunded: sum('gatewayRefunded'), paymentsRefunded: sum('paymentsRefunded') },
  };
  return { ...totals, [currency]: after };
}

/** The counts with these differences added. */
export function withDifferences(counts: Summary['differences'], found: readonly Difference[]): Summary['differences'] {
  const more = Map.groupBy(found, ({ kind }) => kind);
  const kinds = differenceKinds.filter((kind) => counts[kind] !== undefined || more.has(kind));
  return Object.fromEntries(kinds.map((kind) => [kind, (counts[kind] ?? 0) + (more.get(kind)?.length ?? 0)]));
}
