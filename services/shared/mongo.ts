import { setTimeout as pause } from 'node:timers/promises';
import mongoose, { type Connection, type Model, type mongo, type SchemaDefinition } from 'mongoose';
import type { PageQuery } from './list.ts';
import { StartupError } from './startup-error.ts';

/**
 * What every write waits for, because ledgers are acknowledged from it: the journals of most
 * members of the replica set. Without a limit a write would wait without end while a member is
 * unavailable.
 */
export const writeConcern = { w: 'majority', journal: true, wtimeoutMS: 20_000 } as const;

/**
 * Connects to the document store, with journaled majority writes and with reads that no failover
 * takes back, whatever the defaults of the server are. Throws a StartupError that names the address
 * when nothing answers there for half a minute: a loaded machine starts slowly.
 */
export const connectDocuments = async (uri: string, patienceMillis = 30_000): Promise<Connection> => {
  const options = { maxPoolSize: 32, serverSelectionTimeoutMS: patienceMillis, autoIndex: true, writeConcern };
  try {
    const connection = await mongoose.createConnection(uri, options).asPromise();
    const readConcern = readConcernFor(await greetingOf(connection));
    if (readConcern === undefined) return connection;
    await connection.close();
    return await mongoose.createConnection(uri, { ...options, readConcern }).asPromise();
  } catch (error) {
    const reason = (error as Error).message;
    throw new StartupError(`The document store at ${addressOf(uri)} does not answer (setting MONGODB_URI): ${reason}`, 1, { cause: error });
  }
};

/** What a server says of itself; a server that knows no `hello` runs alone. */
type Greeting = { readonly setName?: unknown; readonly msg?: unknown };

const greetingOf = async ({ db }: Connection): Promise<Greeting> => (await db?.command({ hello: 1 }).catch(() => undefined)) ?? {};

/**
 * Reads of a replica set see only what the majority has, because a compare-and-set or a repeat that
 * finds nothing to do must not rest on what a failover takes back. A server that runs alone has no
 * failover, and its own journal is the majority.
 */
export const readConcernFor = ({ setName, msg }: Greeting) =>
  typeof setName === 'string' || msg === 'isdbgrid' ? ({ level: 'majority' } as const) : undefined;

/** The hosts of a connection string, without its credentials. */
export const addressOf = (uri: string): string => /^[a-z+]+:\/\/(?:.*@)?([^/?]+)/.exec(uri)?.[1] ?? 'an invalid address';

/**
 * Resolves when every collection and index is there. Processes that start together may conflict;
 * then the creation is repeated.
 */
export async function collectionsReady(documents: Connection): Promise<void> {
  const models = Object.values(documents.models);
  await Promise.allSettled(models.map((model) => model.init()));
  for (let tries = 1; ; tries++) {
    const made = await Promise.allSettled(models.map((model) => model.createIndexes()));
    const failed = made.find((result) => result.status === 'rejected');
    if (!failed) return;
    if (tries === 10) throw failed.reason;
    await pause(tries * 20);
  }
}

/**
 * `sparse`: only documents that have the field, so that an index on what is owed stays small.
 * `expires`: a document goes at the instant that the field holds.
 */
export type Indexes = readonly {
  readonly fields: Readonly<Record<string, 1 | -1>>;
  readonly unique?: boolean;
  readonly sparse?: boolean;
  readonly expires?: boolean;
}[];

/**
 * A collection of documents under derived text ids. Plain indexes are for MongoDB; the fallback
 * document server only keeps unique ones, so whatever lies on a hot path reads by `_id` or a unique
 * key.
 */
export function documentModel<Document extends { _id: string }>(
  documents: Connection,
  collection: string,
  fields: SchemaDefinition,
  indexes: Indexes = [],
): Model<Document> {
  const schema = new mongoose.Schema<Document>({ _id: { type: String, required: true }, ...fields } as never, {
    collection,
    versionKey: false,
    minimize: false,
    strict: 'throw',
  });
  for (const { fields: keys, unique = false, sparse = false, expires = false } of indexes)
    schema.index(keys as never, { unique, ...(sparse && { sparse }), ...(expires && { expireAfterSeconds: 0 }) });
  return documents.model<Document>(collection, schema);
}

/**
 * The collection of a model with typed filters and updates: the driver's own calls, which neither
 * cast nor fill in anything. Ledgers read and write through it, so that a misspelled field of a
 * compare-and-set is a type error.
 */
export const collectionOf = <Document extends { _id: string }>(model: Model<Document>): mongo.Collection<Document> =>
  model.collection as unknown as mongo.Collection<Document>;

const duplicateKey = 11000;

/**
 * True where the document exists already: a repeat, or the loser of two racing upserts of one id.
 */
export const isDuplicateKey = (error: unknown): boolean => (error as { code?: unknown } | null)?.code === duplicateKey;

type WriteFailure = { readonly code: number; readonly index: number; readonly errmsg?: string };

/**
 * The failures of single rows in a write of many. None where the write as a whole is not
 * acknowledged, so that the other rows do not count as written either.
 */
const failuresIn = (error: unknown): readonly WriteFailure[] => {
  const { writeErrors = [], result } = error as BulkFailure;
  return result?.getWriteConcernError?.() ? [] : writeErrors;
};

type BulkFailure = {
  readonly writeErrors?: readonly WriteFailure[];
  readonly result?: { readonly getWriteConcernError?: () => unknown };
};

/** The server names the index whose key is taken in its message only. */
const isTakenId = ({ errmsg = '' }: WriteFailure): boolean => /index: (?:\S*\$)?_id_(?:\s|$)/.test(errmsg);

/**
 * Inserts the rows that do not exist yet, in one write; returns the ids that are new. A repeat
 * changes nothing. Throws where another document bears a unique value of a row, such as its number:
 * that row is no repeat, and is not stored.
 */
export async function insertNew<Document extends { _id: string }>(
  model: Model<Document>,
  rows: readonly Document[],
): Promise<ReadonlySet<string>> {
  const ids = new Set(rows.map((row) => row._id));
  if (rows.length === 0) return ids;
  try {
    await model.collection.insertMany(rows as never, { ordered: false });
  } catch (error) {
    const failures = failuresIn(error);
    if (failures.length === 0 || failures.some(({ code }) => code !== duplicateKey)) throw error;
    const idOf = ({ index }: WriteFailure): string => (rows[index] as Document)._id;
    // A repeat may be reported by another unique value that it repeats too.
    const others = failures.filter((failure) => !isTakenId(failure)).map(idOf);
    const stored = others.length === 0 ? 0 : await model.countDocuments({ _id: { $in: others } });
    if (stored < others.length) throw error;
    for (const { index } of failures) ids.delete((rows[index] as Document)._id);
  }
  return ids;
}

/**
 * Runs upserts whose filter may exclude a newer document. A duplicate key means that the stored
 * document is newer, or that two first writes of one id raced. The update is then repeated without
 * upsert: it finds nothing in the first case, and its document in the second.
 */
export async function upsertAll<Document extends { _id: string }>(
  model: Model<Document>,
  operations: readonly { filter: object; update: object }[],
  upsert = true,
): Promise<void> {
  if (operations.length === 0) return;
  try {
    const writes = operations.map(({ filter, update }) => ({ updateOne: { filter, update, upsert } }));
    await model.collection.bulkWrite(writes as never, { ordered: false });
  } catch (error) {
    const failures = failuresIn(error);
    if (!upsert || failures.length === 0 || failures.some(({ code }) => code !== duplicateKey)) throw error;
    const again = failures.map(({ index }) => operations[index]).filter((operation) => operation !== undefined);
    await upsertAll(model, again, false);
  }
}

export type Page<Row> = { readonly data: Row[]; readonly nextCursor: string | null };

/**
 * One page of a list, newest first by `createdAt`, then id. The cursor is opaque to clients; the
 * public door refuses one that it did not give (`services/host/cursor-seal.ts`).
 */
export async function pageOf<Document extends { _id: string; createdAt: string }>(
  model: Model<Document>,
  filter: Readonly<Record<string, unknown>>,
  { limit, cursor, createdFrom, createdTo }: PageQuery,
): Promise<Page<Document>> {
  const after = cursor === undefined ? undefined : readCursor(cursor);
  const older = after && { $or: [{ createdAt: { $lt: after.createdAt } }, { createdAt: after.createdAt, _id: { $lt: after.id } }] };
  const range = [
    ...(createdFrom === undefined ? [] : [{ createdAt: { $gte: createdFrom } }]),
    ...(createdTo === undefined ? [] : [{ createdAt: { $lt: createdTo } }]),
  ];
  const conditions = [filter, ...(older ? [older] : []), ...range].filter((condition) => Object.keys(condition).length > 0);
  const rows = (await model
    .find((conditions.length > 1 ? { $and: conditions } : (conditions[0] ?? {})) as never)
    .sort({ createdAt: -1, _id: -1 })
    .limit(limit + 1)
    .lean()) as unknown as Document[];
  const data = rows.slice(0, limit);
  const last = data.at(-1);
  return { data, nextCursor: rows.length > limit && last ? writeCursor(last) : null };
}

const writeCursor = ({ createdAt, _id }: { createdAt: string; _id: string }): string =>
  Buffer.from(`${createdAt} ${_id}`).toString('base64url');

function readCursor(cursor: string): { createdAt: string; id: string } | undefined {
  const [createdAt, id] = Buffer.from(cursor, 'base64url').toString('utf8').split(' ');
  return createdAt && id ? { createdAt, id } : undefined;
}
