import { createHash, randomUUID } from 'node:crypto';
import type { Prefix } from './ids.ts';

/** A new random id, for a resource whose id cannot be derived. */
export const newId = (prefix: Prefix): string => `${prefix}_${randomUUID().replaceAll('-', '').slice(0, 24)}`;

/**
 * An id that is derived from the Idempotency-Key, so that a repeat gets the same id even when the
 * first process ended before it responded; a new random id without a key.
 */
export const keyedId = (prefix: Prefix, key: string | undefined): string =>
  key === undefined ? newId(prefix) : `${prefix}_${createHash('sha256').update(key).digest('hex').slice(0, 24)}`;
