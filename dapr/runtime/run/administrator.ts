import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newSecret } from './secrets.ts';

export type Credentials = { readonly email: string; readonly password: string };

export type FirstAdministrator = {
  /** For the application, which creates the administrator if it has none. */
  readonly environment: Readonly<Record<string, string>>;
  /** Credentials that the operator must see now, because they are not kept afterwards. */
  readonly announce?: Credentials;
};

const fileIn = (dataDir: string) => join(dataDir, 'administrator.json');

function readState(dataDir: string): { announced: true } | Credentials | undefined {
  try {
    return JSON.parse(readFileSync(fileIn(dataDir), 'utf8'));
  } catch {
    return undefined;
  }
}

const write = (dataDir: string, state: { announced: true } | Credentials) =>
  writeFileSync(fileIn(dataDir), JSON.stringify(state), { mode: 0o600 });

const asEnvironment = ({ email, password }: Credentials) => ({ MARQUEE_ADMIN_EMAIL: email, MARQUEE_ADMIN_PASSWORD: password });

/**
 * The first administrator: the given credentials, or ones that are generated at the first start and
 * kept in the data folder until they have been shown. A start that fails before shows the same ones
 * the next time.
 */
export function firstAdministrator(dataDir: string, given: Partial<Credentials>): FirstAdministrator {
  const { email = 'admin@marquee.localhost', password } = given;
  if (password !== undefined) return { environment: asEnvironment({ email, password }) };
  const state = readState(dataDir) ?? { email, password: newSecret() };
  if ('announced' in state) return { environment: {} };
  write(dataDir, state);
  return { environment: asEnvironment(state), announce: state };
}

/** Records that the credentials were shown, and removes them. */
export function administratorAnnounced(dataDir: string): void {
  write(dataDir, { announced: true });
}
