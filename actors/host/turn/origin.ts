import { createHash } from 'node:crypto';
import type { Caller } from '../actor-type.ts';
import type { Origin } from '../aggregate.ts';

/**
 * The origin of a called method's turn. The hash of the body tells a repeat of its key from another
 * request with that key.
 */
export const originOf = ({ origin, idempotencyKey }: Caller, body: unknown): Origin =>
  origin === 'event'
    ? { by: 'event' }
    : { by: 'call', idempotencyKey, bodyHash: createHash('sha256').update(JSON.stringify(body)).digest('base64url') };
