import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt);

/**
 * A password as it is stored: the scrypt hash with the parameters it was made with, so that these
 * can be raised later. Bytes are in base64url.
 */
export type StoredPassword = {
  readonly hash: string;
  readonly salt: string;
  readonly cost: number;
  readonly blockSize: number;
  readonly parallelization: number;
};

const bytes = 32;

/** 32 MiB and three passes: one of the equivalent settings of OWASP's password storage page. */
const parameters = { cost: 2 ** 15, blockSize: 8, parallelization: 3 };

/**
 * Stands in for the password of an account that does not exist, so that signing in to it takes as
 * long as a wrong password does. No password matches it.
 */
export const noPassword: StoredPassword = { ...parameters, hash: '', salt: randomBytes(16).toString('base64url') };

/** Hashes a password with a new random salt. */
export async function storedPassword(password: string): Promise<StoredPassword> {
  const stored = { ...parameters, salt: randomBytes(16).toString('base64url') };
  return { ...stored, hash: (await hashOf(password, stored)).toString('base64url') };
}

/** True for the password that was stored; compares in constant time. */
export async function passwordMatches(password: string, stored: StoredPassword): Promise<boolean> {
  const hash = await hashOf(password, stored);
  const expected = Buffer.from(stored.hash, 'base64url');
  return expected.length === bytes && timingSafeEqual(hash, expected);
}

/**
 * The password is first brought into Unicode compatibility form, so that the same characters typed
 * on another keyboard or system are the same password.
 */
const hashOf = (password: string, { salt, cost, blockSize, parallelization }: Omit<StoredPassword, 'hash'>): Promise<Buffer> =>
  derive(password.normalize('NFKC'), Buffer.from(salt, 'base64url'), bytes, {
    cost,
    blockSize,
    parallelization,
    maxmem: 256 * cost * blockSize,
  });
