import { type Connection, Schema } from 'mongoose';
import { documentModel, upsertAll } from '../shared/mongo.ts';
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
  const lives = documentModel<HistoryDocument>(documents, 'subscription_lives', {
    customerId: String,
    testClock: String,
    turns: Schema.Types.Mixed,
  });

  return {
    /** Writes each change under its sequence, in one write per subscription. Safe to repeat. */
    record: (news: readonly NewStageChange[]): Promise<void> =>
      upsertAll(
        lives,
        [...Map.groupBy(news, ({ subscriptionId }) => subscriptionId)].map(([id, turns]) => ({
          filter: { _id: id },
          update: { $set: fieldsOf(turns) },
        })),
      ),
    /** All histories, or those on one test clock. */
    lives: async function* (testClock: string | undefined): AsyncGenerator<History> {
      for await (const row of lives.collection.find(testClock === undefined ? {} : { testClock }))
        yield historyOf(row as unknown as HistoryDocument);
    },
  };
}

const fieldsOf = (news: readonly NewStageChange[]): Record<string, unknown> => ({
  customerId: news[0]?.customerId,
  testClock: news[0]?.testClock,
  ...Object.fromEntries(news.map(({ change }) => [`turns.${change.sequence}`, change])),
});

const historyOf = ({ _id, turns }: HistoryDocument): History => ({
  subscriptionId: _id,
  changes: Object.values(turns).sort((one, other) => one.sequence - other.sequence),
});
