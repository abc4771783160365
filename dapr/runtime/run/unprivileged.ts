import { chmod } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { ask } from '../command.ts';

/** How to run a program that refuses to run as root: the words before its own, and the owner its files must have. */
export type Disguise = { readonly prefix: readonly string[]; readonly owner?: { readonly uid: number; readonly gid: number } };

/**
 * As root, the program runs in a user namespace of its own where root bears the name of nobody: it sees an ordinary user,
 * while it reaches every folder that we reach, be it closed to everybody else. Where namespaces are not allowed, as in many
 * containers, it runs as nobody outright, who must be able to reach `program` and enter `dataDir`; the latter, our own, is
 * opened for that (not for reading). Throws when neither is possible.
 */
export async function withoutRoot(program: string, dataDir: string): Promise<Disguise> {
  if (userInfo().uid !== 0) return { prefix: [] };
  const [uid, gid] = await Promise.all([ask('id', '-u', 'nobody'), ask('id', '-g', 'nobody')]);
  const nobody = { uid: Number(uid ?? 65_534), gid: Number(gid ?? 65_534) };
  const namespace = ['--user', `--map-user=${nobody.uid}`, `--map-group=${nobody.gid}`, '--'];
  if ((await ask('unshare', ...namespace, 'true')) !== undefined) return { prefix: ['unshare', ...namespace], owner: { uid: 0, gid: 0 } };
  const user = [`--reuid=${nobody.uid}`, `--regid=${nobody.gid}`, '--clear-groups', '--'];
  await chmod(dataDir, 0o711);
  for (const path of [program, dataDir])
    if ((await ask('setpriv', ...user, 'test', '-x', path)) === undefined)
      throw new Error(`PostgreSQL does not run as root, and no other user can reach ${path}. Start Marquee as an ordinary user.`);
  return { prefix: ['setpriv', ...user], owner: nobody };
}
