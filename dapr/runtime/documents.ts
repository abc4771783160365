import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Child, type ChildOptions, startChild } from './child.ts';
import { buildJavaServer, type DocumentSource, findJavaServer } from './document-server.ts';
import { plainEnvironment } from './environment.ts';

/** `name` says which server it is, for logs and operators. */
export type Documents = { readonly uri: string; readonly name: string; readonly child?: Child };

export type DocumentsOptions = {
  readonly source: DocumentSource;
  readonly dataDirectory: string;
  readonly port: number;
} & Pick<ChildOptions, 'onUnexpectedExit'>;

const folders = { java: 'documents-h2', mongod: 'documents-mongod' } as const;

/** Data that the Java server has written stays with it, even when a mongod turns up later: neither reads the other's files. */
async function keeperOf(dataDirectory: string, source: DocumentSource): Promise<DocumentSource> {
  if (source.kind !== 'mongod' || existsSync(join(dataDirectory, folders.mongod))) return source;
  if (!existsSync(join(dataDirectory, folders.java))) return source;
  return findJavaServer() ?? buildJavaServer();
}

function commandOf(source: Exclude<DocumentSource, { kind: 'external' }>, folder: string, port: number) {
  if (source.kind === 'mongod') {
    const options = ['--bind_ip', '127.0.0.1', '--nounixsocket', '--wiredTigerCacheSizeGB', '0.25'];
    return { arguments: ['--dbpath', folder, '--port', String(port), ...options], logLine: 'Waiting for connections' };
  }
  const memory = ['-Xms64m', '-Xmx1g', '-XX:+UseSerialGC', '-Xshare:auto'];
  const server = ['-cp', source.classPath, 'DocumentServer', String(port), join(folder, 'store.mv')];
  return { arguments: [...memory, ...server], logLine: 'ready' };
}

/** A server of MongoDB's protocol on loopback with its data on disk, or the one that MONGODB_URI names. */
export async function startDocuments({ source, dataDirectory, port, onUnexpectedExit }: DocumentsOptions): Promise<Documents> {
  const keeper = await keeperOf(dataDirectory, source);
  if (keeper.kind === 'external') return { uri: keeper.uri, name: keeper.name };
  const folder = join(dataDirectory, folders[keeper.kind]);
  await mkdir(folder, { recursive: true });
  const { arguments: words, logLine } = commandOf(keeper, folder, port);
  const child = await startChild({
    name: 'documents',
    command: keeper.program,
    arguments: words,
    environment: plainEnvironment(),
    dataDirectory,
    readiness: { logLine },
    onUnexpectedExit,
  });
  return { uri: `mongodb://127.0.0.1:${port}/marquee`, name: keeper.name, child };
}
