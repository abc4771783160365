import { createHash, randomUUID } from 'node:crypto';
import type { Connection } from 'mongoose';
import { isId } from './ids.ts';
import { collectionOf, documentModel, isDuplicateKey } from './mongo.ts';
import { type Problem, problem } from './problem.ts';
import type { RouteResponse } from './route.ts';

type Answer = RouteResponse | Problem;

/**
 * The first request under a key. `token` is that of the process which runs it, and the only one
 * that may store the answer or let go of the key; both it and `expiresAt` are absent in rows of
 * earlier versions. `bodyHash` is null once the customer of the request is erased.
 */
type Remembered = {
  readonly _id: string;
  readonly bodyHash: string | null;
  readonly startedAt: Date;
  readonly answer: Answer | null;
  readonly token?: string;
  readonly expiresAt?: Date;
  /** The customers whose data the request or the answer may hold. */
  readonly customerIds?: readonly string[];
};

export type Idempotency = {
  /**
   * Runs a POST once per key and replays its first response afterwards, for 30 days. Another body
   * under the same key is refused. A request whose process ended half-way runs again under the same
   * key: every service that it calls receives the key too. Of two that run, because the first one
   * was only slow, the later one decides the response.
   */
  readonly once: (key: string, body: unknown, run: () => Promise<Answer>) => Promise<{ answer: Answer; replayed: boolean }>;
};

const millisUntilAbandoned = 20_000;
const millisToKeep = 30 * 24 * 3_600_000;
const collection = 'idempotency_keys';

export const hashOf = (value: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify(value) ?? '')
    .digest('hex');

/**
 * The keys of requests, in documents that all processes share; `now` is the system time in
 * milliseconds.
 */
export function createIdempotency(documents: Connection, now: () => number = Date.now): Idempotency {
  const keys = keyStore(documents, now);

  /** The response of the request that holds the key now. */
  const answerOf = (first: Remembered | null, bodyHash: string): { answer: Answer; replayed: boolean } => {
    if (first && first.bodyHash !== null && first.bodyHash !== bodyHash) return { answer: keyReused, replayed: false };
    return first?.answer ? { answer: first.answer, replayed: true } : { answer: stillRunning, replayed: false };
  };

  return {
    once: async (key, body, run) => {
      const bodyHash = hashOf(body);
      const token = randomUUID();
      const first = await keys.claim(key, bodyHash, token);
      if (first !== 'claimed') return answerOf(first, bodyHash);
      try {
        const answer = await run();
        const isFinal = answer.status < 500 && answer.status !== 429;
        if (!isFinal) await keys.letGo(key, token);
        else if (!(await keys.store(key, token, answer, customersIn([body, answer])))) return answerOf(await keys.find(key), bodyHash);
        return { answer, replayed: false };
      } catch (error) {
        await keys.letGo(key, token);
        throw error;
      }
    },
  };
}

function keyStore(documents: Connection, now: () => number) {
  const fields = { bodyHash: String, startedAt: Date, answer: {}, token: String, expiresAt: Date, customerIds: [String] };
  const rows = collectionOf(
    documentModel<Remembered>(documents, collection, fields, [
      { fields: { expiresAt: 1 }, expires: true },
      { fields: { customerIds: 1 }, sparse: true },
    ]),
  );
  const find = (key: string): Promise<Remembered | null> => rows.findOne<Remembered>({ _id: key });

  const claim = async (key: string, bodyHash: string, token: string): Promise<Remembered | 'claimed'> => {
    const claimed = { token, startedAt: new Date(now()), expiresAt: new Date(now() + millisToKeep) };
    try {
      await rows.insertOne({ _id: key, bodyHash, answer: null, ...claimed });
      return 'claimed';
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
    const first = await find(key);
    if (!first) return claim(key, bodyHash, token);
    const isRunning = now() - first.startedAt.getTime() < millisUntilAbandoned;
    if (first.answer || first.bodyHash !== bodyHash || isRunning) return first;
    const { modifiedCount } = await rows.updateOne({ _id: key, startedAt: first.startedAt, answer: null }, { $set: claimed });
    return modifiedCount === 1 ? 'claimed' : first;
  };

  return {
    find,
    claim,
    /** False where another process has taken the key over. */
    store: async (key: string, token: string, answer: Answer, customerIds: readonly string[]): Promise<boolean> =>
      (await rows.updateOne({ _id: key, token, answer: null }, { $set: { answer, customerIds } })).matchedCount === 1,
    letGo: async (key: string, token: string): Promise<void> => void (await rows.deleteOne({ _id: key, token, answer: null })),
  };
}

/**
 * Removes what is remembered of requests about an erased customer: the key stays, so that a repeat
 * changes nothing, but its response is the refusal that every change of the customer has. Responses
 * of earlier versions name no customer. A repeat is harmless.
 */
export async function forgetAnswersAbout(documents: Connection, customerId: string): Promise<void> {
  const erased = problem(409, 'customer-erased', 'The customer was erased and can no longer be changed.');
  await documents
    .collection<Remembered>(collection)
    .updateMany({ customerIds: customerId, answer: { $ne: null } }, { $set: { answer: erased, bodyHash: null, customerIds: [] } });
}

/** Lets the keys of earlier versions expire too. A repeat finds none, through the index. */
export async function expireOldKeys(documents: Connection, now: Date): Promise<void> {
  const expiresAt = new Date(now.getTime() + millisToKeep);
  await documents.collection<Remembered>(collection).updateMany({ expiresAt: null as never }, { $set: { expiresAt } });
}

/** The ids of customers anywhere in a value, also as parts of a path. */
function customersIn(value: unknown): string[] {
  const found = new Set<string>();
  const visit = (part: unknown): void => {
    if (typeof part === 'string') for (const text of part.split('/')) if (isId('cus', text)) found.add(text);
    if (typeof part === 'object' && part !== null) Object.values(part).forEach(visit);
  };
  visit(value);
  return [...found];
}

const keyReused = problem(422, 'idempotency-key-reused', 'This Idempotency-Key was already used with another body.');

const stillRunning: Problem = {
  ...problem(409, 'idempotency-key-in-progress', 'The first request with this Idempotency-Key is still running.'),
  retryAfterSeconds: 1,
};
