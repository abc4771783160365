import type { Connection } from 'mongoose';
import { collectionOf, documentModel, insertNew, upsertAll } from '../shared/mongo.ts';
import type { Range, Row } from '../shared/report.ts';
import { type Amounts, type Grouping, type RevenueFact, revenueRow, sumOfAmounts } from './revenue.ts';

type Projected<Fields> = { readonly _id: string; readonly sequence: number } & Fields;
type CustomerCountry = Projected<{ readonly country: string }>;
type SubscriptionPlan = Projected<{ readonly plan: string }>;

export type Update<Fields> = Fields & { readonly id: string; readonly sequence: number };

export type RevenueQuery = Range & {
  readonly groupBy: Grouping;
  readonly currency?: string | undefined;
  readonly testClock?: string | undefined;
};

export type Attribution = Pick<RevenueFact, 'country' | 'plan'>;

export type AnalyticsStore = ReturnType<typeof createAnalyticsStore>;

export function createAnalyticsStore(documents: Connection) {
  const customers = documentModel<CustomerCountry>(documents, 'analytics_customers', { sequence: Number, country: String });
  const subscriptions = documentModel<SubscriptionPlan>(documents, 'analytics_subscriptions', { sequence: Number, plan: String });
  const facts = documentModel<RevenueFact>(
    documents,
    'analytics_revenue',
    {
      paidAt: String,
      invoices: Number,
      day: String,
      month: String,
      currency: String,
      total: Number,
      tax: Number,
      creditGranted: Number,
      creditApplied: Number,
      credited: Number,
      creditedTax: Number,
      refunded: Number,
      disputed: Number,
      customerId: String,
      subscriptionId: String,
      country: String,
      plan: String,
      testClock: String,
    },
    [{ fields: { paidAt: 1 } }],
  );

  return {
    rememberCustomers: (rows: readonly Update<{ country: string }>[]): Promise<void> => upsertAll(customers, rows.map(whenNewer)),
    rememberSubscriptions: (rows: readonly Update<{ plan: string }>[]): Promise<void> => upsertAll(subscriptions, rows.map(whenNewer)),
    countries: async (ids: readonly string[]): Promise<ReadonlyMap<string, string>> => {
      const known = await collectionOf(customers)
        .find({ _id: { $in: ids } })
        .toArray();
      return new Map(known.map((row) => [row._id, row.country]));
    },
    plans: async (ids: readonly string[]): Promise<ReadonlyMap<string, string>> => {
      const known = await collectionOf(subscriptions)
        .find({ _id: { $in: ids } })
        .toArray();
      return new Map(known.map((row) => [row._id, row.plan]));
    },
    /** Country and plan of the invoices already counted. */
    attributionsOf: async (invoiceIds: readonly string[]): Promise<ReadonlyMap<string, Attribution>> => {
      const known = await collectionOf(facts)
        .find({ _id: { $in: invoiceIds } })
        .toArray();
      return new Map(known.map((row) => [row._id, { country: row.country, plan: row.plan }]));
    },
    /** Adds facts; an existing fact stays unchanged. */
    record: async (rows: readonly RevenueFact[]): Promise<void> => void (await insertNew(facts, rows)),
    /** Sums of the facts in `[from, to)`, a row per group and currency. */
    revenue: async ({ groupBy, from, to, currency, testClock }: RevenueQuery): Promise<Row[]> => {
      const paidAt = { ...(from && { $gte: from }), ...(to && { $lt: to }) };
      const match = { ...((from || to) && { paidAt }), ...(currency && { currency }), ...(testClock && { testClock }) };
      const sums = await collectionOf(facts)
        .aggregate<Sum>([
          { $match: match },
          {
            $group: {
              _id: { group: `$${groupBy}`, currency: '$currency' },
              ...sumOfAmounts,
            },
          },
        ])
        .toArray();
      return sums.map((sum) => rowOf(groupBy, sum)).sort(byGroupThenCurrency(groupBy));
    },
  };
}

type Sum = Amounts & { readonly _id: { readonly group: string; readonly currency: string } };

const rowOf = (groupBy: Grouping, { _id, ...sums }: Sum): Row => ({ [groupBy]: _id.group, currency: _id.currency, ...revenueRow(sums) });

const byGroupThenCurrency = (groupBy: Grouping) => (one: Row, other: Row) => {
  const key = (row: Row) => `${row[groupBy]} ${row.currency}`;
  return key(one) < key(other) ? -1 : 1;
};

const whenNewer = <Fields>({ id, sequence, ...fields }: Update<Fields>) => ({
  filter: { _id: id, sequence: { $lt: sequence } },
  update: { $set: { sequence, ...fields } },
});
