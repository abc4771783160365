import { z } from 'zod';
import { priceOf } from '../../../actors/subscription/client.ts';
import { minorUnits } from '../../shared/fields.ts';
import { collectionOf } from '../../shared/mongo.ts';
import { monthlyAmount } from '../../shared/monthly.ts';
import type { Plan, Price } from '../catalogue/plan.ts';
import type { Store, SubscriptionDocument } from '../store.ts';
import { itemFor, sameCadence } from '../terms.ts';
import { changeScheduled, hasOtherChange, livingWithVersion, type MigrationBody } from './migration.ts';

/** The fields of a subscription that determine the effect of a migration on it. */
export type Row = Pick<
  SubscriptionDocument,
  '_id' | 'status' | 'planId' | 'quantity' | 'price' | 'addOns' | 'recurringAmount' | 'interval' | 'scheduledChange'
>;

const effectSchema = z.object({
  currency: z.string(),
  subscriptions: z.int(),
  recurringBefore: minorUnits.meta({ description: 'Sum of the prices of a period before' }),
  recurringAfter: minorUnits.meta({ description: 'Sum of the prices of a period after' }),
  monthlyDifference: minorUnits.meta({ description: 'Difference converted to a month' }),
  difference: minorUnits.meta({ description: 'recurringAfter less recurringBefore' }),
});

/**
 * The effect of a migration: subscriptions and money by currency, at list prices before discounts
 * and tax.
 */
export const migrationPreviewSchema = z
  .object({
    subscriptions: z.int().meta({ description: 'Living subscriptions that have the version' }),
    byCurrency: z.array(effectSchema),
    refused: z.array(z.object({ code: z.string(), subscriptions: z.int() })).meta({ description: 'Refused subscriptions by problem code' }),
    sample: z
      .array(z.object({ subscriptionId: z.string(), currency: z.string(), before: minorUnits, after: minorUnits }))
      .meta({ description: 'Up to ten subscriptions with their price of a period before and after' }),
  })
  .meta({ id: 'PlanMigrationPreview', description: 'The effect of a migration at list prices, before discounts and tax' });

export type MigrationPreview = z.infer<typeof migrationPreviewSchema>;

type CurrencyEffect = Omit<z.infer<typeof effectSchema>, 'difference'>;

export type Versions = { readonly from: Plan; readonly to: Plan };

const sampleSize = 10;

/** The living subscriptions that have the version, one after the other, from the read model. */
export const rowsWithVersion = (subscriptions: Store['subscriptions'], planId: string, version: number): AsyncIterable<Row> =>
  collectionOf(subscriptions).find(livingWithVersion(planId, version), { batchSize: 500 });

/**
 * The effect of a migration, from the read model alone: no actor is called, nothing is stored, and
 * only one row is held at a time. The read model does not say for which country a price was chosen,
 * so the country is derived from the price.
 */
export async function previewMigration(rows: AsyncIterable<Row>, versions: Versions, body: MigrationBody): Promise<MigrationPreview> {
  const byCurrency = new Map<string, CurrencyEffect>();
  const refused = new Map<string, number>();
  const sample: MigrationPreview['sample'] = [];
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
    if (sample.length < sampleSize) sample.push({ subscriptionId: row._id, currency, before, after: before + change });
  }
  return {
    subscriptions,
    byCurrency: [...byCurrency.values()].map((effect) => ({ ...effect, difference: effect.recurringAfter - effect.recurringBefore })),
    refused: [...refused].map(([code, count]) => ({ code, subscriptions: count })),
    sample,
  };
}

type Change = { readonly currency: string; readonly before: number; readonly change: number; readonly monthly: number };

function add(byCurrency: Map<string, CurrencyEffect>, { currency, before, change, monthly }: Change): void {
  const effect = byCurrency.get(currency) ?? { currency, subscriptions: 0, recurringBefore: 0, recurringAfter: 0, monthlyDifference: 0 };
  effect.subscriptions += 1;
  effect.recurringBefore += before;
  effect.recurringAfter += before + change;
  effect.monthlyDifference += monthly;
  byCurrency.set(currency, effect);
}

/**
 * The difference of a period in minor units, or the code with which the subscription would be
 * refused.
 */
function changeOf(row: Row, { from, to }: Versions, { effective, toVersion }: MigrationBody): number | string {
  if (hasOtherChange(row, from.id, toVersion)) return changeScheduled.code;
  if (from.billing !== to.billing && row.status !== 'trialing' && row.status !== 'scheduled') return 'billing-mode-mismatch';
  if (effective === 'now' && ['past-due', 'suspended', 'incomplete'].includes(row.status)) return 'payment-outstanding';
  const quantity = row.planId === from.id ? row.quantity : (row.addOns.find(({ planId }) => planId === from.id)?.quantity ?? 0);
  const request = { currency: row.recurringAmount.currency, country: countryOf(row, from), interval: row.interval, quantity };
  const [before, after] = [itemFor(from, request), itemFor(to, request)];
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
