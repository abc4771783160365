import { type Connection, Schema } from 'mongoose';
import { collectionOf, documentModel, upsertAll } from '../shared/mongo.ts';
import type { History, StageChange } from './history.ts';

type HistoryDocument = {
  readonly _id: string;
  readonly customerId: string;
  readonly testClock: string | null;
  /** By sequence. */
  readonly turns: Readonly<Record<string, StageChange>>;
};

export type NewStageChange = {
  readonly subscriptionId: string;
  readonly customerId: string;
  readonly testClock: string | null;
  readonly change: StageChange;
};

export type SubscriptionAnalyticsStore = ReturnType<typeof createSubscriptionAnalyticsStore>;

export function createSubscriptionAnalyticsStore(documents: Connection) {
  const subscriptions = documentModel<HistoryDocument>(documents, 'subscription_lives', {
    customerId: String,
    testClock: String,
    turns: Schema.Types.Mixed,
  });

  return {
    /** Writes each change under its sequence, in one write per subscription. Safe to repeat. */
    record: (changes: readonly NewStageChange[]): Promise<void> =>
      upsertAll(
        subscriptions,
        [...Map.groupBy(changes, ({ subscriptionId }) => subscriptionId)].map(([id, ofSubscription]) => ({
          filter: { _id: id },
          update: { $set: fieldsOf(ofSubscription) },
        })),
      ),
    /** All histories, or those on one test clock. */
    histories: async function* (testClock: string | undefined): AsyncGenerator<History> {
      for await (const row of collectionOf(subscriptions).find(testClock === undefined ? {} : { testClock })) yield historyOf(row);
    },
  };
}

const fieldsOf = (changes: readonly NewStageChange[]): Record<string, unknown> => ({
  customerId: changes[0]?.customerId,
  testClock: changes[0]?.testClock,
  ...Object.fromEntries(changes.map(({ change }) => [`turns.${change.sequence}`, change])),
});

const historyOf = ({ _id, turns }: HistoryDocument): History => ({
  subscriptionId: _id,
  changes: Object.values(turns).sort((one, other) => one.sequence - other.sequence),
});
