import { chmod } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { outputOf } from '../command.ts';

/**
 * A way to run a program that refuses to run as root: a command prefix, and the owner that its
 * files must have.
 */
export type UnprivilegedRun = { readonly prefix: readonly string[]; readonly owner?: { readonly uid: number; readonly gid: number } };

/**
 * As root, the program runs in its own user namespace, in which root is called `nobody`: the
 * program sees an ordinary user and still reaches every folder that root reaches. Where namespaces
 * are not allowed, as in many containers, it runs as the user `nobody`, who must be able to reach
 * `program` and enter `dataDir`; `dataDir` is opened for that, but not for reading. Throws when
 * neither is possible.
 */
export async function withoutRoot(program: string, dataDir: string): Promise<UnprivilegedRun> {
  if (userInfo().uid !== 0) return { prefix: [] };
  const [uid, gid] = await Promise.all([outputOf('id', '-u', 'nobody'), outputOf('id', '-g', 'nobody')]);
  const nobody = { uid: Number(uid ?? 65_534), gid: Number(gid ?? 65_534) };
  const namespace = ['--user', `--map-user=${nobody.uid}`, `--map-group=${nobody.gid}`, '--'];
  if ((await outputOf('unshare', ...namespace, 'true')) !== undefined)
    return { prefix: ['unshare', ...namespace], owner: { uid: 0, gid: 0 } };
  const user = [`--reuid=${nobody.uid}`, `--regid=${nobody.gid}`, '--clear-groups', '--'];
  await chmod(dataDir, 0o711);
  for (const path of [program, dataDir])
    if ((await outputOf('setpriv', ...user, 'test', '-x', path)) === undefined)
      throw new Error(`PostgreSQL does not run as root, and no other user can reach ${path}. Start Marquee as an ordinary user.`);
  return { prefix: ['setpriv', ...user], owner: nobody };
}
