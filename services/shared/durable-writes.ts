import type { Connection } from 'mongoose';
import { addressOf, isDuplicateKey, writeConcern } from './mongo.ts';
import { StartupError } from './startup-error.ts';

/**
 * Checks that an acknowledged write survives the loss of the server that acknowledged it: that
 * nothing in the connection string weakens what `connectDocuments` demands, and by a write that the
 * server can do it. Throws a StartupError with the reason otherwise. A repeat, or another process,
 * is harmless.
 */
export async function requireDurableWrites(documents: Connection, uri: string): Promise<void> {
  const { w, journal } = documents.getClient().options.writeConcern ?? {};
  if (w !== writeConcern.w || journal !== writeConcern.journal) throw notDurable(uri, 'the connection string sets another write concern');
  try {
    const checks = documents.collection<{ _id: string; at: Date }>('write_checks');
    await checks.updateOne({ _id: 'start' }, { $set: { at: new Date() } }, { upsert: true });
  } catch (error) {
    if (!isDuplicateKey(error)) throw notDurable(uri, (error as Error).message, error);
  }
}

const notDurable = (uri: string, reason: string, cause?: unknown): StartupError =>
  new StartupError(
    `The document store at ${addressOf(uri)} must acknowledge journaled writes of the majority (setting MONGODB_URI): ${reason}`,
    1,
    { cause },
  );
