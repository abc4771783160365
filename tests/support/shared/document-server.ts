import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareDocuments } from '../../../dapr/runtime/obtain/prepare.ts';
import { startDocuments } from '../../../dapr/runtime/run/documents.ts';
import { freePort } from '../../../dapr/runtime/run/ports.ts';
import { shareBetweenFiles } from './between-files.ts';

/** One document server for all test files that run; each test has a database of its own in it. */
export default shareBetweenFiles(async () => {
  const source = await prepareDocuments();
  const dataDir = await mkdtemp(join(tmpdir(), 'marquee-documents-'));
  const { uri, child } = await startDocuments({ source, dataDir, port: await freePort(), shortLived: true });
  const end = async () => {
    await child?.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
  return { shown: uri, end };
});
