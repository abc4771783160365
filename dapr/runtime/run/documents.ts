import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { plainEnvironment } from '../environment.ts';
import { buildJavaServer, type DocumentSource, findJavaServer } from '../obtain/document-server.ts';
import { Child, type Supervision } from './child.ts';

/** `name` says which server it is, for logs and operators. */
export type Documents = { readonly uri: string; readonly name: string; readonly child?: Child };

export type DocumentsOptions = {
  readonly source: DocumentSource;
  readonly dataDir: string;
  readonly port: number;
  /** It will be stopped within minutes: see `compilerFor`. */
  readonly shortLived?: boolean | undefined;
} & Supervision;

const folders = { java: 'documents-h2', mongod: 'documents-mongod' } as const;

/** Data that the Java server has written stays with it, even when a mongod turns up later: neither reads the other's files. */
async function keeperOf(dataDir: string, source: DocumentSource): Promise<DocumentSource> {
  if (source.kind !== 'mongod' || existsSync(join(dataDir, folders.mongod))) return source;
  if (!existsSync(join(dataDir, folders.java))) return source;
  return findJavaServer() ?? buildJavaServer();
}

/**
 * The second compiler takes its share of few cores for the first minutes. A server that lives on gains a fifth by it; one that is stopped by
 * then only pays for it.
 */
const compilerFor = (shortLived: boolean): readonly string[] => (shortLived ? ['-XX:TieredStopAtLevel=1'] : []);

function commandOf(source: Exclude<DocumentSource, { kind: 'external' }>, folder: string, port: number, shortLived: boolean) {
  if (source.kind === 'mongod') {
    const options = ['--bind_ip', '127.0.0.1', '--nounixsocket', '--wiredTigerCacheSizeGB', '0.25'];
    return { arguments: ['--dbpath', folder, '--port', String(port), ...options], logLine: 'Waiting for connections' };
  }
  // A large young generation, for most of what a request makes is gone with it; what lives on is copied once.
  const memory = ['-Xms1200m', '-Xmx1200m', '-Xmn700m', '-XX:+UseSerialGC', '-XX:MaxTenuringThreshold=1', '-Xshare:auto'];
  const server = ['-cp', source.classPath, 'DocumentServer', String(port), join(folder, 'store.mv')];
  return { arguments: [...memory, ...compilerFor(shortLived), ...server], logLine: 'ready' };
}

/** A server of MongoDB's protocol on loopback with its data on disk, or the one that MONGODB_URI names. */
export async function startDocuments({ source, dataDir, port, shortLived = false, ...supervision }: DocumentsOptions): Promise<Documents> {
  const keeper = await keeperOf(dataDir, source);
  if (keeper.kind === 'external') return { uri: keeper.uri, name: keeper.name };
  const folder = join(dataDir, folders[keeper.kind]);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { arguments: words, logLine } = commandOf(keeper, folder, port, shortLived);
  const child = await Child.start({
    name: 'documents',
    command: keeper.program,
    arguments: words,
    environment: plainEnvironment(),
    dataDir,
    readiness: { logLine },
    ...supervision,
  });
  return { uri: `mongodb://127.0.0.1:${port}/marquee`, name: keeper.name, child };
}
