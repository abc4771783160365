import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { plainEnvironment } from '../environment.ts';
import { buildJavaServer, type DocumentSource, findJavaServer } from '../obtain/document-server.ts';
import { Child, type Supervision } from './child.ts';

/** A running document server; operators see its `name`. */
export type Documents = { readonly uri: string; readonly name: string; readonly child?: Child };

export type DocumentsOptions = {
  readonly source: DocumentSource;
  readonly dataDir: string;
  readonly port: number;
  /** True when it will be stopped within minutes: see `compilerFor`. */
  readonly shortLived?: boolean | undefined;
} & Supervision;

const folders = { java: 'documents-h2', mongod: 'documents-mongod' } as const;

/** The server of the existing data: neither server reads the files of the other. */
async function ownerOfData(dataDir: string, source: DocumentSource): Promise<DocumentSource> {
  if (source.kind !== 'mongod' || existsSync(join(dataDir, folders.mongod))) return source;
  if (!existsSync(join(dataDir, folders.java))) return source;
  return findJavaServer() ?? buildJavaServer();
}

/**
 * The optimising compiler needs processor time in the first minutes. A server that runs for long
 * becomes a fifth faster; one that is stopped by then only pays for it.
 */
const compilerFor = (shortLived: boolean): readonly string[] => (shortLived ? ['-XX:TieredStopAtLevel=1'] : []);

function commandOf(source: Exclude<DocumentSource, { kind: 'external' }>, folder: string, port: number, shortLived: boolean) {
  if (source.kind === 'mongod') {
    // It runs alone: it acknowledges a journaled majority write by its own journal, and there is no
    // other member to fail over to. A replica set of one would be bound to its first port as well.
    const options = ['--bind_ip', '127.0.0.1', '--nounixsocket', '--wiredTigerCacheSizeGB', '0.25'];
    return { arguments: ['--dbpath', folder, '--port', String(port), ...options], logLine: 'Waiting for connections' };
  }
  // A large young generation: most objects die with their request, and the others are copied once.
  const memory = ['-Xms1200m', '-Xmx1200m', '-Xmn700m', '-XX:+UseSerialGC', '-XX:MaxTenuringThreshold=1', '-Xshare:auto'];
  const server = ['-cp', source.classPath, 'DocumentServer', String(port), join(folder, 'store.mv')];
  return { arguments: [...memory, ...compilerFor(shortLived), ...server], logLine: 'ready' };
}

/**
 * Starts a document server on loopback with its data on disk, or returns the one that MONGODB_URI
 * names.
 */
export async function startDocuments({ source, dataDir, port, shortLived = false, ...supervision }: DocumentsOptions): Promise<Documents> {
  const owner = await ownerOfData(dataDir, source);
  if (owner.kind === 'external') return { uri: owner.uri, name: owner.name };
  const folder = join(dataDir, folders[owner.kind]);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { arguments: words, logLine } = commandOf(owner, folder, port, shortLived);
  const child = await Child.start({
    name: 'documents',
    command: owner.program,
    arguments: words,
    environment: plainEnvironment(),
    dataDir,
    readiness: { logLine },
    ...supervision,
  });
  return { uri: `mongodb://127.0.0.1:${port}/marquee`, name: owner.name, child };
}
