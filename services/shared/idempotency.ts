import { createHash } from 'node:crypto';
import type { Connection } from 'mongoose';
import { documentModel, isDuplicateKey } from './mongo.ts';
import { type Problem, problem } from './problem.ts';
import type { RouteResponse } from './route.ts';

type Remembered = { _id: string; bodyHash: string; startedAt: Date; answer: RouteResponse | Problem | null };

export type Idempotency = {
  /**
   * Runs a POST once per key and replays its first response afterwards. Another body under the same
   * key is refused. A request whose process ended half-way runs again under the same key: every
   * service that it calls receives the key too.
   */
  readonly once: (
    key: string,
    body: unknown,
    run: () => Promise<RouteResponse | Problem>,
  ) => Promise<{ answer: RouteResponse | Problem; replayed: boolean }>;
};

const millisUntilAbandoned = 20_000;

export const hashOf = (value: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify(value) ?? '')
    .digest('hex');

export function createIdempotency(documents: Connection): Idempotency {
  const remembered = documentModel<Remembered>(documents, 'idempotency_keys', { bodyHash: String, startedAt: Date, answer: {} }, [
    { fields: { startedAt: 1 } },
  ]);

  const claim = async (id: string, bodyHash: string): Promise<Remembered | 'claimed'> => {
    const row: Remembered = { _id: id, bodyHash, startedAt: new Date(), answer: null };
    try {
      await remembered.collection.insertOne(row as never);
      return 'claimed';
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
    const first = (await remembered.findById(id).lean()) as Remembered | null;
    if (!first) return claim(id, bodyHash);
    if (first.answer || first.bodyHash !== bodyHash || Date.now() - first.startedAt.getTime() < millisUntilAbandoned) return first;
    const taken = await remembered.collection.updateOne({ _id: id, startedAt: first.startedAt } as never, {
      $set: { startedAt: row.startedAt },
    });
    return taken.modifiedCount === 1 ? 'claimed' : first;
  };

  return {
    once: async (key, body, run) => {
      const bodyHash = hashOf(body);
      const first = await claim(key, bodyHash);
      if (first !== 'claimed') {
        if (first.bodyHash !== bodyHash)
          return {
            answer: problem(422, 'idempotency-key-reused', 'This Idempotency-Key was already used with another body.'),
            replayed: false,
          };
        if (first.answer) return { answer: first.answer, replayed: true };
        return {
          answer: {
            ...problem(409, 'idempotency-key-in-progress', 'The first request with this Idempotency-Key is still running.'),
            retryAfterSeconds: 1,
          },
          replayed: false,
        };
      }
      try {
        const answer = await run();
        if (answer.status >= 500 || answer.status === 429) await remembered.collection.deleteOne({ _id: key } as never);
        else await remembered.collection.updateOne({ _id: key } as never, { $set: { answer } });
        return { answer, replayed: false };
      } catch (error) {
        await remembered.collection.deleteOne({ _id: key } as never);
        throw error;
      }
    },
  };
}
