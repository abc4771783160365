import { priceOf } from '../../../actors/subscription/client.ts';
import { monthlyAmount } from '../../shared/monthly.ts';
import type { Plan, Price } from '../catalogue/plan.ts';
import type { Store, SubscriptionDocument } from '../store.ts';
import { itemFor, sameCadence } from '../terms.ts';
import { changeScheduled, hasOtherPlans, havingVersion, type MigrationBody } from './migration.ts';

/** What is read of a subscription to say what a migration would do to it. */
export type Row = Pick<
  SubscriptionDocument,
  '_id' | 'status' | 'planId' | 'quantity' | 'price' | 'addOns' | 'recurringAmount' | 'interval' | 'scheduledChange'
>;

type Moved = {
  readonly currency: string;
  subscriptions: number;
  recurringBefore: number;
  recurringAfter: number;
  monthlyDifference: number;
};

/** How many subscribers would move, and how much money a period and a month, in minor units, at list prices before discounts and tax. */
export type Moves = {
  readonly subscriptions: number;
  readonly byCurrency: readonly (Readonly<Moved> & { readonly difference: number })[];
  readonly refused: readonly { readonly code: string; readonly subscriptions: number }[];
  readonly sample: readonly {
    readonly subscriptionId: string;
    readonly currency: string;
    readonly before: number;
    readonly after: number;
  }[];
};

export type Versions = { readonly from: Plan; readonly to: Plan };

const samples = 10;

/** Those who have the version, one after the other, as the read model knows them. */
export const rowsHaving = (subscriptions: Store['subscriptions'], planId: string, version: number): AsyncIterable<Row> =>
  subscriptions.collection.find(havingVersion(planId, version) as never, { batchSize: 500 }) as unknown as AsyncIterable<Row>;

/**
 * What a migration would do, from what the read model says of each subscription: nobody is asked, nothing is stored, and no more than one
 * row is held at a time. Which country's price a subscription has is not in it, so it is told from the price itself.
 */
export async function movesOf(rows: AsyncIterable<Row>, versions: Versions, body: MigrationBody): Promise<Moves> {
  const byCurrency = new Map<string, Moved>();
  const refused = new Map<string, number>();
  const sample: Moves['sample'][number][] = [];
  let subscriptions = 0;
  for await (const row of rows) {
    subscriptions += 1;
    const change = changeOf(row, versions, body);
    if (typeof change === 'string') {
      refused.set(change, (refused.get(change) ?? 0) + 1);
      continue;
    }
    const { amount: before, currency } = row.recurringAmount;
    add(byCurrency, { currency, before, change, monthly: monthlyAmount(change, row.interval) });
    if (sample.length < samples) sample.push({ subscriptionId: row._id, currency, before, after: before + change });
  }
  return {
    subscriptions,
    byCurrency: [...byCurrency.values()].map((moved) => ({ ...moved, difference: moved.recurringAfter - moved.recurringBefore })),
    refused: [...refused].map(([code, count]) => ({ code, subscriptions: count })),
    sample,
  };
}

type Change = { readonly currency: string; readonly before: number; readonly change: number; readonly monthly: number };

function add(byCurrency: Map<string, Moved>, { currency, before, change, monthly }: Change): void {
  const moved = byCurrency.get(currency) ?? { currency, subscriptions: 0, recurringBefore: 0, recurringAfter: 0, monthlyDifference: 0 };
  moved.subscriptions += 1;
  moved.recurringBefore += before;
  moved.recurringAfter += before + change;
  moved.monthlyDifference += monthly;
  byCurrency.set(currency, moved);
}

/** The difference a period, or the code of why it would be refused. */
function changeOf(row: Row, { from, to }: Versions, { effective, toVersion }: MigrationBody): number | string {
  if (hasOtherPlans(row, from.id, toVersion)) return changeScheduled.code;
  if (from.billing !== to.billing && row.status !== 'trialing' && row.status !== 'scheduled') return 'billing-mode-mismatch';
  if (effective === 'now' && ['past-due', 'suspended', 'incomplete'].includes(row.status)) return 'payment-outstanding';
  const quantity = row.planId === from.id ? row.quantity : (row.addOns.find(({ planId }) => planId === from.id)?.quantity ?? 0);
  const wish = { currency: row.recurringAmount.currency, country: countryOf(row, from), interval: row.interval, quantity };
  const [before, after] = [itemFor(from, wish), itemFor(to, wish)];
  if (!before.ok) return before.rejection.code;
  if (!after.ok) return after.rejection.code;
  return priceOf(after.value, Number.POSITIVE_INFINITY) - priceOf(before.value, Number.POSITIVE_INFINITY);
}

function countryOf({ planId, price, recurringAmount, interval }: Row, from: Plan): string {
  const fits = (candidate: Price) => candidate.currency === recurringAmount.currency && sameCadence(candidate.interval, interval);
  const candidates = from.prices.filter(fits);
  const same = planId === from.id ? candidates.filter(({ amount }) => amount === price.amount) : candidates;
  return (same.find(({ country }) => country === null) ?? same[0] ?? candidates[0])?.country ?? '';
}
