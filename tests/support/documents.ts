import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { Connection } from 'mongoose';
import { prepareDocuments } from '../../dapr/runtime/obtain/prepare.ts';
import { type Documents, startDocuments as startServer } from '../../dapr/runtime/run/documents.ts';
import { freePort } from '../../dapr/runtime/run/ports.ts';
import { connectDocuments } from '../../services/shared/mongo.ts';

let server: Promise<Documents & { readonly dataDir: string }> | undefined;

/**
 * A connection to a database of this test alone, on a document server that the tests of one file
 * share and that ends after them.
 */
export async function startDocuments(t: ExecutionContext): Promise<Connection> {
  server ??= start();
  const uri = new URL((await server).uri);
  uri.pathname = `/test_${randomUUID().slice(0, 8)}`;
  const connection = await connectDocuments(uri.href);
  t.teardown(() => connection.close());
  return connection;
}

export { collectionsReady as indexesReady } from '../../services/shared/mongo.ts';

async function start() {
  const source = await prepareDocuments();
  const dataDir = await mkdtemp(join(tmpdir(), 'marquee-documents-'));
  return { ...(await startServer({ source, dataDir, port: await freePort(), shortLived: true })), dataDir };
}

test.after.always('the document server ends', async () => {
  if (server === undefined) return;
  const { child, dataDir } = await server;
  await child?.stop();
  await rm(dataDir, { recursive: true, force: true });
});
