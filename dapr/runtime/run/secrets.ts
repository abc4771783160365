import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const newSecret = (): string => randomBytes(24).toString('base64url');

export type Passwords = { readonly postgres: string; readonly redis: string };

/**
 * The passwords of the servers of this data folder, generated at the first start and readable by
 * their owner only.
 */
export function passwordsOf(dataDir: string): Passwords {
  const file = join(dataDir, 'passwords.json');
  mkdirSync(dataDir, { recursive: true });
  try {
    writeFileSync(file, JSON.stringify({ postgres: newSecret(), redis: newSecret() }), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return JSON.parse(readFileSync(file, 'utf8'));
}
