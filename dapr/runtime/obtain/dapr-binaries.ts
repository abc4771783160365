import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { arch } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findOnPath, isExecutable, outputOf, run } from '../command.ts';
import { binariesDirectory } from '../directories.ts';
import { environment } from '../environment.ts';
import { downloadVerified } from './download.ts';
import { messageOf, type Obtained, type SetActivity } from './obtained.ts';

const version = '1.18.1';
const programs = ['daprd', 'placement', 'scheduler'] as const;

export type DaprBinaries = { readonly [program in (typeof programs)[number]]: string };

const inFolder = (folder: string): DaprBinaries => ({
  daprd: join(folder, 'daprd'),
  placement: join(folder, 'placement'),
  scheduler: join(folder, 'scheduler'),
});

const isComplete = (folder: string) => Object.values(inFolder(folder)).every(isExecutable);

/**
 * Only the same minor version is compatible: each one changed the protocols between the three
 * programs.
 */
async function compatibleVersion(folder: string): Promise<string | undefined> {
  if (!isComplete(folder)) return undefined;
  const installed = (await outputOf(join(folder, 'daprd'), '--version'))?.trim().replace(/^v/, '');
  return installed !== undefined && /^1\.18\.[1-9]\d*$/.test(installed) ? installed : undefined;
}

async function findInstalled(): Promise<Obtained<DaprBinaries> | undefined> {
  const onPath = findOnPath('daprd');
  const folders = [environment.daprBinaries, join(environment.home, '.dapr', 'bin'), onPath && dirname(onPath)];
  for (const folder of folders) {
    const installed = folder === undefined || folder === '' ? undefined : await compatibleVersion(folder);
    if (folder !== undefined && installed !== undefined) return { value: inFolder(folder), from: `${installed}, installed in ${folder}` };
  }
  return undefined;
}

/** Finds an installed Dapr, or the one of an earlier run. Nothing is downloaded or built. */
export async function findDapr(): Promise<Obtained<DaprBinaries> | undefined> {
  const installed = await findInstalled();
  if (installed !== undefined) return installed;
  const own = join(binariesDirectory, `dapr-${version}`);
  return isComplete(own) ? { value: inFolder(own), from: `${version}, cached` } : undefined;
}

async function buildFromModules(folder: string): Promise<void> {
  const installed = /go1\.(\d+)/.exec((await outputOf('go', 'version')) ?? '')?.[1];
  if (installed === undefined) throw new Error('Go is not installed');
  if (Number(installed) < 26) throw new Error(`Go 1.26 or later is needed, 1.${installed} is installed`);
  const stamps = ['github.com/dapr/dapr/pkg/buildinfo.version', 'github.com/dapr/kit/logger.DaprVersion'].map(
    (name) => `-X ${name}=${version}`,
  );
  const link = ['-s', '-w', ...stamps].join(' ');
  await run('go', ['install', '-mod=readonly', '-tags', 'stablecomponents', '-ldflags', link, './daprd', 'tool'], {
    directory: fileURLToPath(new URL('build', import.meta.url)),
    environment: { GOBIN: folder, GOWORK: 'off' },
  });
}

/**
 * Fills a folder beside the final one and renames it when it is complete, so that a half-filled one
 * is never used.
 */
async function fill(folder: string, how: (partial: string) => Promise<void>): Promise<DaprBinaries> {
  await mkdir(folder, { recursive: true });
  const partial = await mkdtemp(join(folder, 'dapr-partial-'));
  try {
    await how(partial);
    if (!isComplete(partial)) throw new Error(`Not all of ${programs.join(', ')} are present`);
    const final = join(folder, `dapr-${version}`);
    await rm(final, { recursive: true, force: true });
    await rename(partial, final);
    return inFolder(final);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

/**
 * Downloads the official archives of the three programs. Throws when one is missing or its SHA-256
 * does not match.
 */
export async function obtainRelease(releases: string, folder = binariesDirectory): Promise<Obtained<DaprBinaries>> {
  const platform = `${process.platform}_${arch() === 'x64' ? 'amd64' : arch()}`;
  const value = await fill(folder, async (partial) => {
    for (const program of programs) {
      const archive = join(partial, `${program}.tar.gz`);
      await writeFile(archive, await downloadVerified(`${releases}/v${version}/${program}_${platform}.tar.gz`));
      await run('tar', ['-xzf', archive, '-C', partial, program]);
      await rm(archive);
    }
  });
  return { value, from: `${version}, from the release archives` };
}

/**
 * Obtains the official release, else builds the same version from Go modules. Throws with both
 * reasons when neither works.
 */
export async function obtainDapr(setActivity: SetActivity): Promise<Obtained<DaprBinaries>> {
  const reasons: string[] = [];
  try {
    setActivity('downloading the release archives');
    return await obtainRelease(environment.daprReleases);
  } catch (error) {
    reasons.push(`release archives: ${messageOf(error)}`);
  }
  try {
    setActivity('building from Go modules once, as the release cannot be downloaded (five to ten minutes on two cores)');
    return { value: await fill(binariesDirectory, buildFromModules), from: `${version}, built from Go modules` };
  } catch (error) {
    reasons.push(`build: ${messageOf(error)}`);
  }
  throw new Error(`Dapr ${version} cannot be obtained. Install it (\`dapr init --slim\`) or set DAPR_BIN_DIR.\n${reasons.join('\n')}`);
}
