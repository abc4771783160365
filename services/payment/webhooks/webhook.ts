import { z } from 'zod';
import type { DisputeStatus } from '../../shared/contracts/dispute-resource.ts';
import { paymentIdOf } from '../../shared/ids.ts';
import type { Instant } from '../../shared/time.ts';

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
  /** The intent whose refunds and disputes it is about; nothing where it is about none. */
  readonly intentId?: string | null;
  /** The token of the method whose card its bank renewed; nothing where it is about none. */
  readonly methodToken?: string | null;
  readonly handledAt: Instant | null;
};

const stripeEvent = z.object({
  id: z.string().min(1).max(255),
  type: z.string().min(1).max(255),
  data: z.object({
    object: z.object({
      id: z.string().nullish(),
      object: z.string(),
      metadata: z.record(z.string(), z.string()).nullish(),
      payment_intent: z.union([z.string(), z.object({ id: z.string() }).transform(({ id }) => id)]).nullish(),
    }),
  }),
});

/** What Stripe tells when a bank gave a card a new number or expiry. */
const isAboutMethods = (type: string): boolean => /^payment_method\.(automatically_updated|updated)$/.test(type);

/** True for what happens to charges, their refunds and disputes, and to cards; nothing else at a gateway concerns payments here. */
export const isRelevant = (type: string): boolean => /^(payment_intent|charge|refund)\./.test(type) || isAboutMethods(type);

/** True where money of a charge moves back: `refund.created`, `charge.refunded`, `charge.refund.updated`, `charge.dispute.closed` and so on. */
const isAboutReturns = (type: string): boolean => /^(refund\.|charge\.(refunded$|refund\.|dispute\.))/.test(type);

/** The webhook in a verified event of Stripe's, or undefined where it has not the shape of one. */
export function webhookOf(event: unknown, now: Instant): Webhook | undefined {
  const read = stripeEvent.safeParse(event);
  if (!read.success) return undefined;
  const { id, type, data } = read.data;
  const { id: objectId, object, metadata, payment_intent: intent } = data.object;
  const reference = object === 'payment_intent' || object === 'charge' ? (metadata?.reference ?? null) : null;
  const intentId = isAboutReturns(type) ? (intent ?? null) : null;
  const methodToken = isAboutMethods(type) ? (objectId ?? null) : null;
  return { _id: id, type, receivedAt: now, createdAt: now, reference, intentId, methodToken, handledAt: null };
}

/** What the simulated gateway tells of a dispute, kept and handled as a real one's webhook. */
export const simulatedWebhook = (intentId: string, status: DisputeStatus, now: Instant): Webhook => ({
  ...{ _id: `evt_${intentId}_dispute_${status}`, type: 'charge.dispute.updated', receivedAt: now, createdAt: now },
  ...{ reference: null, intentId, handledAt: null },
});

/** The payment of a reference: an intent whose amount was changed has its number behind a dot. */
export const paymentOfReference = (reference: string): string => paymentIdOf(reference.replace(/\.\d+$/, ''));
