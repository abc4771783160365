import { z } from 'zod';
import { newEvent } from '../shared/events.ts';
import { utcInstant } from '../shared/fields.ts';
import { newId } from '../shared/new-id.ts';
import { type Problem, problem } from '../shared/problem.ts';
import type { Platform } from '../shared/service.ts';
import type { Instant } from '../shared/time.ts';
import { storedPassword } from './passwords.ts';
import { scopeSchema } from './scopes.ts';
import type { AuthStore, User } from './store.ts';

export type UserResource = {
  readonly id: string;
  readonly email: string;
  readonly scopes: readonly string[];
  readonly createdAt: Instant;
};

export const userSchema = z
  .object({ id: z.string(), email: z.string(), scopes: z.array(scopeSchema), createdAt: utcInstant })
  .meta({ id: 'User', description: 'A user who can sign in' });

/**
 * Registers an end user of an app, who holds the scope `self` and nothing else; 409
 * `already-exists` when the e-mail address is taken. Addresses are compared in lower case.
 */
export async function registerUser(
  store: AuthStore,
  { publish, now }: Pick<Platform, 'publish' | 'now'>,
  { email, password }: { readonly email: string; readonly password: string },
): Promise<UserResource | Problem> {
  const user = await newUser(email, password, ['self'], now());
  if (!(await store.insertUser(user))) return problem(409, 'already-exists', 'A user with this e-mail address already exists.');
  const data = { id: user._id, scopes: user.scopes };
  await publish([
    newEvent({ type: 'user.registered', subject: user._id, sequence: 1, time: user.createdAt, customerId: '', testClock: null, data }),
  ]);
  return { id: user._id, email: user.email, scopes: user.scopes, createdAt: user.createdAt };
}

/**
 * Creates the configured administrator when no administrator exists yet. Later changes of the
 * configuration change nothing: from then on administrators are data.
 */
export async function ensureAdministrator(store: AuthStore, { config, log, now }: Pick<Platform, 'config' | 'log' | 'now'>): Promise<void> {
  if (await store.hasAdministrator()) return;
  const { email, password } = config.administrator;
  if (!email || !password) log.warn('administrator missing: none exists and none is configured, so no one can sign in');
  else await store.upsertAdministrator(await newUser(email, password, ['admin'], now()));
}

const newUser = async (email: string, password: string, scopes: readonly string[], createdAt: Instant): Promise<User> => ({
  _id: newId('usr'),
  email: email.toLowerCase(),
  password: await storedPassword(password),
  scopes,
  createdAt,
});
