import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, symlink } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MongoBinary } from 'mongodb-memory-server-core/lib/util/MongoBinary.js';
import { ask, findOnPath, isExecutable, run } from './command.ts';
import { isReachable } from './download.ts';
import { environment } from './environment.ts';
import { message, type Obtained, type Say } from './obtained.ts';
import { binariesDirectory } from './places.ts';

const mongodVersion = '8.0.17';

/** Somebody else's MongoDB, a real mongod to run, or the Java server that speaks its protocol. `name` is what is shown to operators. */
export type DocumentSource =
  | { readonly kind: 'external'; readonly name: string; readonly uri: string }
  | { readonly kind: 'mongod'; readonly name: string; readonly program: string }
  | { readonly kind: 'java'; readonly name: string; readonly program: string; readonly classPath: string };

const sources = fileURLToPath(new URL('documents', import.meta.url));
const downloadedMongod = join(binariesDirectory, `mongod-${mongodVersion}`);
const javaFolder = join(binariesDirectory, 'documents-1.47.0');

const mongod = (program: string, version: string): DocumentSource => ({ kind: 'mongod', name: `mongod ${version}`, program });

async function findInstalledMongod(): Promise<DocumentSource | undefined> {
  const program = findOnPath('mongod');
  if (program === undefined) return undefined;
  const version = /db version v(\d+)\.(\d+)/.exec((await ask(program, '--version')) ?? '');
  return version !== null && Number(version[1]) >= 5 ? mongod(program, `${version[1]}.${version[2]}`) : undefined;
}

/** The Java server as an earlier run built it. */
export function findJavaServer(): DocumentSource | undefined {
  const program = findOnPath('java');
  if (program === undefined || !existsSync(javaFolder)) return undefined;
  const classPath = [join(javaFolder, 'classes'), join(javaFolder, 'lib', '*')].join(delimiter);
  return { kind: 'java', name: 'mongo-java-server 1.47 (H2)', program, classPath };
}

/** MONGODB_URI, a mongod on PATH, or what an earlier run obtained; nothing is downloaded. */
export async function findDocumentServer(): Promise<Obtained<DocumentSource> | undefined> {
  if (environment.mongodbUri !== undefined)
    return { value: { kind: 'external', name: 'external', uri: environment.mongodbUri }, from: 'MONGODB_URI' };
  const installed = await findInstalledMongod();
  if (installed?.kind === 'mongod') return { value: installed, from: `${installed.name}, ${installed.program}` };
  if (isExecutable(downloadedMongod)) return { value: mongod(downloadedMongod, mongodVersion), from: `mongod ${mongodVersion}, cached` };
  const java = findJavaServer();
  return java === undefined ? undefined : { value: java, from: `${java.name}, cached` };
}

async function downloadMongod(): Promise<DocumentSource> {
  if (!(await isReachable('https://fastdl.mongodb.org'))) throw new Error('fastdl.mongodb.org cannot be reached');
  const program = await MongoBinary.getPath({ version: mongodVersion, downloadDir: join(binariesDirectory, 'mongodb'), checkMD5: true });
  await rm(downloadedMongod, { force: true });
  await symlink(program, downloadedMongod);
  return mongod(downloadedMongod, mongodVersion);
}

/** Fetches the libraries through Maven and compiles the server once, so that each start saves the compiler's seconds. */
export async function buildJavaServer(): Promise<DocumentSource> {
  await mkdir(binariesDirectory, { recursive: true });
  const folder = await mkdtemp(join(binariesDirectory, 'documents-partial-'));
  try {
    await run('mvn', ['-q', '-B', '-f', sources, 'dependency:copy-dependencies', `-DoutputDirectory=${join(folder, 'lib')}`]);
    const compile = ['-cp', join(folder, 'lib', '*'), '-d', join(folder, 'classes'), join(sources, 'DocumentServer.java')];
    await run('javac', compile);
    await rename(folder, javaFolder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const built = findJavaServer();
  if (built === undefined) throw new Error('java is not on PATH');
  return built;
}

/** A real mongod where one can be downloaded, else the Java server. Throws with both reasons when neither works. */
export async function obtainDocumentServer(say: Say): Promise<Obtained<DocumentSource>> {
  const reasons: string[] = [];
  try {
    say(`asking for mongod ${mongodVersion}`);
    return { value: await downloadMongod(), from: `mongod ${mongodVersion}, downloaded` };
  } catch (error) {
    reasons.push(`mongod: ${message(error)}`);
  }
  try {
    say(`${reasons[0]}; building the Java document server instead`);
    const java = await buildJavaServer();
    return { value: java, from: `${java.name}, through Maven` };
  } catch (error) {
    reasons.push(`Java server: ${message(error)}`);
  }
  throw new Error(`No document server can be obtained. Install mongod 5 or later, or set MONGODB_URI.\n${reasons.join('\n')}`);
}
