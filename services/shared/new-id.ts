import { createHash, randomUUID } from 'node:crypto';
import type { Prefix } from './ids.ts';

/** An id nobody has yet, for what nothing derives its id from. */
export const newId = (prefix: Prefix): string => `${prefix}_${randomUUID().replaceAll('-', '').slice(0, 24)}`;

/** An id that a repeat of the same Idempotency-Key gets again, also when the process died before it could answer; without a key one nobody has yet. */
export const keyedId = (prefix: Prefix, key: string | undefined): string =>
  key === undefined ? newId(prefix) : `${prefix}_${createHash('sha256').update(key).digest('hex').slice(0, 24)}`;
