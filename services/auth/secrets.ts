import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/**
 * 256 random bits: enough that a plain digest can be stored, and that guessing needs no throttle.
 */
export const newSecret = (): string => randomBytes(32).toString('base64url');

/** 96 random bits in hexadecimal: an address, not a secret. */
export const newHandle = (): string => randomBytes(12).toString('hex');

export const digestOf = (secret: string): string => createHash('sha256').update(secret).digest('base64url');

/** True when the secret has this digest; compares in constant time. */
export const hasDigest = (secret: string, digest: string): boolean => timingSafeEqual(Buffer.from(digestOf(secret)), Buffer.from(digest));
