import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, symlink } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findOnPath, outputOf, run } from '../command.ts';
import { binariesDirectory } from '../directories.ts';
import { environment } from '../environment.ts';
import { isReachable } from './download.ts';
import { messageOf, type Obtained, type SetActivity } from './obtained.ts';

/**
 * An existing MongoDB, a mongod to run, or the Java server that speaks its protocol. Operators see
 * the `name`.
 */
export type DocumentSource =
  | { readonly kind: 'external'; readonly name: string; readonly uri: string }
  | { readonly kind: 'mongod'; readonly name: string; readonly program: string }
  | { readonly kind: 'java'; readonly name: string; readonly program: string; readonly classPath: string };

const sources = fileURLToPath(new URL('document-server', import.meta.url));
const mongodFolder = join(binariesDirectory, 'mongod');
const javaSources = ['DocumentServer.java', 'KeyedIndex.java', 'StoredTypes.java'].map((file) => join(sources, file));
/** Named after a digest of its sources, so that a change of them leads to a new build. */
const javaFolder = join(binariesDirectory, `documents-1.47.0-${digestOf(javaSources)}`);

function digestOf(files: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(file));
  return hash.digest('hex').slice(0, 8);
}

const mongod = (program: string, version: string): DocumentSource => ({ kind: 'mongod', name: `mongod ${version}`, program });

async function findInstalledMongod(): Promise<DocumentSource | undefined> {
  const program = findOnPath('mongod');
  if (program === undefined) return undefined;
  const version = /db version v(\d+)\.(\d+)/.exec((await outputOf(program, '--version')) ?? '');
  return version !== null && Number(version[1]) >= 5 ? mongod(program, `${version[1]}.${version[2]}`) : undefined;
}

/** Finds the mongod that an earlier run downloaded, under the name of its version. */
async function findDownloadedMongod(): Promise<DocumentSource | undefined> {
  const version = (await readdir(mongodFolder).catch(() => []))
    .filter((name) => /^\d/.test(name))
    .sort()
    .at(-1);
  return version === undefined ? undefined : mongod(join(mongodFolder, version), version);
}

/** Finds the Java server that an earlier run built. */
export function findJavaServer(): DocumentSource | undefined {
  const program = findOnPath('java');
  if (program === undefined || !existsSync(javaFolder)) return undefined;
  const classPath = [join(javaFolder, 'classes'), join(javaFolder, 'lib', '*')].join(delimiter);
  return { kind: 'java', name: 'mongo-java-server 1.47 (H2)', program, classPath };
}

/** Finds MONGODB_URI, a mongod on PATH, or the server of an earlier run. Nothing is downloaded. */
export async function findDocumentServer(): Promise<Obtained<DocumentSource> | undefined> {
  if (environment.mongodbUri !== undefined)
    return { value: { kind: 'external', name: 'external', uri: environment.mongodbUri }, from: 'MONGODB_URI' };
  const installed = await findInstalledMongod();
  if (installed?.kind === 'mongod') return { value: installed, from: `${installed.name}, ${installed.program}` };
  const downloaded = await findDownloadedMongod();
  if (downloaded !== undefined) return { value: downloaded, from: `${downloaded.name}, cached` };
  const java = findJavaServer();
  return java === undefined ? undefined : { value: java, from: `${java.name}, cached` };
}

/**
 * Downloads the default version of the mongodb-memory-server package, whose modules are loaded only
 * here.
 */
async function downloadMongod(): Promise<DocumentSource> {
  if (!(await isReachable('https://fastdl.mongodb.org'))) throw new Error('fastdl.mongodb.org cannot be reached');
  const { DEFAULT_VERSION: version } = await import('mongodb-memory-server-core/lib/util/resolveConfig.js');
  const { MongoBinary } = await import('mongodb-memory-server-core/lib/util/MongoBinary.js');
  const program = await MongoBinary.getPath({ version, downloadDir: join(mongodFolder, 'downloads'), checkMD5: true });
  const link = join(mongodFolder, version);
  await rm(link, { force: true });
  await symlink(program, link);
  return mongod(link, version);
}

/**
 * Downloads the libraries through Maven and compiles the server once, so that no start has to wait
 * for the compiler.
 */
export async function buildJavaServer(): Promise<DocumentSource> {
  await mkdir(binariesDirectory, { recursive: true });
  const folder = await mkdtemp(join(binariesDirectory, 'documents-partial-'));
  try {
    await run('mvn', ['-q', '-B', '-f', sources, 'dependency:copy-dependencies', `-DoutputDirectory=${join(folder, 'lib')}`]);
    const compile = ['-cp', join(folder, 'lib', '*'), '-d', join(folder, 'classes'), ...javaSources];
    await run('javac', compile);
    await rename(folder, javaFolder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const built = findJavaServer();
  if (built === undefined) throw new Error('java is not on PATH');
  return built;
}

/**
 * Obtains mongod where it can be downloaded, else the Java server. Throws with both reasons when
 * neither works.
 */
export async function obtainDocumentServer(setActivity: SetActivity): Promise<Obtained<DocumentSource>> {
  const reasons: string[] = [];
  try {
    setActivity('downloading mongod');
    const downloaded = await downloadMongod();
    return { value: downloaded, from: `${downloaded.name}, downloaded` };
  } catch (error) {
    reasons.push(`mongod: ${messageOf(error)}`);
  }
  try {
    setActivity('building the Java document server, as mongod cannot be downloaded');
    const java = await buildJavaServer();
    return { value: java, from: `${java.name}, through Maven` };
  } catch (error) {
    reasons.push(`Java server: ${messageOf(error)}`);
  }
  throw new Error(`No document server can be obtained. Install mongod 5 or later, or set MONGODB_URI.\n${reasons.join('\n')}`);
}
