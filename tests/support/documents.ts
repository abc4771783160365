import { randomUUID } from 'node:crypto';
import type { ExecutionContext } from 'ava';
import type { Connection } from 'mongoose';
import { connectDocuments } from '../../services/shared/mongo.ts';
import { sharedPart } from './shared/between-files.ts';

let server: Promise<string> | undefined;

/**
 * A connection to a database of this test alone, on the document server that the test files share.
 * The database ends with the test.
 */
export async function startDocuments(t: ExecutionContext): Promise<Connection> {
  server ??= sharedPart<string>(new URL('shared/document-server.ts', import.meta.url));
  const uri = new URL(await server);
  uri.pathname = `/test_${randomUUID().slice(0, 8)}`;
  const connection = await connectDocuments(uri.href);
  t.teardown(async () => {
    // An index that is still being created would fail in a database that is gone.
    await Promise.allSettled(Object.values(connection.models).map((model) => model.init()));
    await connection.dropDatabase();
    await connection.close();
  });
  return connection;
}

export { collectionsReady as indexesReady } from '../../services/shared/mongo.ts';
