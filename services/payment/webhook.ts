import { z } from 'zod';
import { paymentIdOf } from '../shared/ids.ts';
import type { Instant } from '../shared/time.ts';

/**
 * A gateway's word that something happened to one of its objects: only a hint to look there. What is so is always asked of the gateway
 * again, so that neither the order nor the age of webhooks can matter.
 */
export type Webhook = {
  /** The gateway's own event id: a repeat finds itself. */
  readonly _id: string;
  readonly type: string;
  readonly receivedAt: Instant;
  readonly createdAt: Instant;
  /** The reference of the intent it is about: an invoice's, or a consolidation's; null for what has none. */
  readonly reference: string | null;
  readonly handledAt: Instant | null;
};

const stripeEvent = z.object({
  id: z.string().min(1).max(255),
  type: z.string().min(1).max(255),
  data: z.object({ object: z.object({ object: z.string(), metadata: z.record(z.string(), z.string()).nullish() }) }),
});

/** The webhook in a verified event of Stripe's, or undefined where it has not the shape of one. */
export function webhookOf(event: unknown, now: Instant): Webhook | undefined {
  const read = stripeEvent.safeParse(event);
  if (!read.success) return undefined;
  const { id, type, data } = read.data;
  const { object, metadata } = data.object;
  const reference = object === 'payment_intent' || object === 'charge' ? (metadata?.reference ?? null) : null;
  return { _id: id, type, receivedAt: now, createdAt: now, reference, handledAt: null };
}

/** The payment of a reference: an intent whose amount was changed has its number behind a dot. */
export const paymentOfReference = (reference: string): string => paymentIdOf(reference.replace(/\.\d+$/, ''));
