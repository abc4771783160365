import { createHash } from 'node:crypto';
import type { Caller } from '../actor-type.ts';
import type { Origin } from '../aggregate.ts';

/**
 * The origin of a called method's turn. The hash of the body tells a repeat of its key from another
 * request with that key.
 */
export const originOf = ({ origin, idempotencyKey }: Caller, body: unknown): Origin =>
  origin === 'event' && idempotencyKey === null
    ? { by: 'event' }
    : { by: origin, idempotencyKey, bodyHash: createHash('sha256').update(JSON.stringify(body)).digest('base64url') };

/** The idempotency key of the request that began the turn, and the hash of its body. */
export const keyOf = (origin: Origin): { readonly key: string; readonly hash: string } | undefined =>
  (origin.by === 'call' || origin.by === 'event') && origin.idempotencyKey
    ? { key: origin.idempotencyKey, hash: origin.bodyHash ?? '' }
    : undefined;
