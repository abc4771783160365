import { newEvent } from '../shared/events.ts';
import { newId } from '../shared/new-id.ts';
import { type Problem, problem } from '../shared/problem.ts';
import type { Platform } from '../shared/service.ts';
import { storedPassword } from './passwords.ts';
import type { AuthStore, User } from './store.ts';

export type UserResource = { readonly id: string; readonly email: string; readonly scopes: readonly string[]; readonly createdAt: string };

/** Registers an end user of an app, who holds the scope `self` and nothing else. 409 when the address is taken. */
export async function register(
  store: AuthStore,
  { publish, now }: Pick<Platform, 'publish' | 'now'>,
  { email, password }: { readonly email: string; readonly password: string },
): Promise<UserResource | Problem> {
  const user = await newUser(email, password, ['self'], now());
  if (!(await store.insertUser(user))) return problem(409, 'already-exists', 'There is a user with this e-mail address.');
  const data = { id: user._id, scopes: user.scopes };
  await publish([
    newEvent({ type: 'user.registered', subject: user._id, sequence: 1, time: user.createdAt, customerId: '', testClock: null, data }),
  ]);
  return { id: user._id, email: user.email, scopes: user.scopes, createdAt: user.createdAt };
}

/**
 * Makes the configured administrator where there is none yet. Later changes of the configuration change nothing: from then on
 * administrators are data.
 */
export async function ensureAdministrator(store: AuthStore, { config, log, now }: Pick<Platform, 'config' | 'log' | 'now'>): Promise<void> {
  if (await store.hasAdministrator()) return;
  const { email, password } = config.administrator;
  if (!email || !password) log.warn('nobody can sign in: there is no administrator and none is configured');
  else await store.upsertAdministrator(await newUser(email, password, ['admin'], now()));
}

const newUser = async (email: string, password: string, scopes: readonly string[], createdAt: string): Promise<User> => ({
  _id: newId('usr'),
  email: email.toLowerCase(),
  password: await storedPassword(password),
  scopes,
  createdAt,
});
