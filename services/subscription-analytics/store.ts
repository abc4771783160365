import { type Connection, Schema } from 'mongoose';
import { documentModel, upsertAll } from '../shared/mongo.ts';
import type { Life, Turn } from './history.ts';

type LifeDocument = {
  readonly _id: string;
  readonly customerId: string;
  readonly testClock: string | null;
  /** By sequence. */
  readonly turns: Readonly<Record<string, Turn>>;
};

export type NewTurn = {
  readonly subscriptionId: string;
  readonly customerId: string;
  readonly testClock: string | null;
  readonly turn: Turn;
};

export type SubscriptionAnalyticsStore = ReturnType<typeof createSubscriptionAnalyticsStore>;

export function createSubscriptionAnalyticsStore(documents: Connection) {
  const lives = documentModel<LifeDocument>(documents, 'subscription_lives', {
    customerId: String,
    testClock: String,
    turns: Schema.Types.Mixed,
  });

  return {
    /** Writes each turn under its sequence, one write per subscription. A repeat changes nothing. */
    record: (news: readonly NewTurn[]): Promise<void> =>
      upsertAll(
        lives,
        [...Map.groupBy(news, ({ subscriptionId }) => subscriptionId)].map(([id, turns]) => ({
          filter: { _id: id },
          update: { $set: fieldsOf(turns) },
        })),
      ),
    /** Every life, or those on one test clock. */
    lives: async function* (testClock: string | undefined): AsyncGenerator<Life> {
      for await (const row of lives.collection.find(testClock === undefined ? {} : { testClock }))
        yield lifeOf(row as unknown as LifeDocument);
    },
  };
}

const fieldsOf = (news: readonly NewTurn[]): Record<string, unknown> => ({
  customerId: news[0]?.customerId,
  testClock: news[0]?.testClock,
  ...Object.fromEntries(news.map(({ turn }) => [`turns.${turn.sequence}`, turn])),
});

const lifeOf = ({ _id, turns }: LifeDocument): Life => ({
  subscriptionId: _id,
  turns: Object.values(turns).sort((one, other) => one.sequence - other.sequence),
});
