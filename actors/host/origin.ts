import { createHash } from 'node:crypto';
import type { Caller } from './actor-type.ts';
import type { Origin } from './aggregate.ts';

/** What stands behind a called method's turn; the body's digest tells a repeat of its key from another request under it. */
export const originOf = ({ origin, idempotencyKey }: Caller, body: unknown): Origin =>
  origin === 'event'
    ? { by: 'event' }
    : { by: 'call', idempotencyKey, bodyHash: createHash('sha256').update(JSON.stringify(body)).digest('base64url') };
