import { userInfo } from 'node:os';
import { ask, findOnPath } from './command.ts';

/** How to run a program that refuses to run as root: the words before its own, and the owner its files must have. */
export type Disguise = { readonly prefix: readonly string[]; readonly owner?: { readonly uid: number; readonly gid: number } };

const root = { uid: 0, gid: 0 };

/**
 * As root, the program runs in a user namespace of its own where root bears the name of nobody: it sees an ordinary user,
 * while it reaches every folder that we reach, be it closed to everybody else. Where namespaces are not allowed it runs as
 * nobody outright, which needs a folder that nobody may enter. Throws when neither is possible.
 */
export async function withoutRoot(reachable: string): Promise<Disguise> {
  if (userInfo().uid !== 0) return { prefix: [] };
  const [uid, gid] = await Promise.all([ask('id', '-u', 'nobody'), ask('id', '-g', 'nobody')]);
  const nobody = { uid: Number(uid ?? 65_534), gid: Number(gid ?? 65_534) };
  const namespace = ['unshare', '--user', `--map-user=${nobody.uid}`, `--map-group=${nobody.gid}`, '--'];
  if (findOnPath('unshare') && (await ask('unshare', ...namespace.slice(1), 'true')) !== undefined)
    return { prefix: namespace, owner: root };
  const setpriv = ['setpriv', `--reuid=${nobody.uid}`, `--regid=${nobody.gid}`, '--clear-groups', '--'];
  if ((await ask('setpriv', ...setpriv.slice(1), 'test', '-x', reachable)) !== undefined) return { prefix: setpriv, owner: nobody };
  throw new Error(`PostgreSQL does not run as root, and another user cannot reach ${reachable}. Start Marquee as an ordinary user.`);
}
