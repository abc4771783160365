import { z } from 'zod';
import type { DisputeStatus } from '../../shared/contracts/dispute-resource.ts';
import { paymentIdOf } from '../../shared/ids.ts';
import type { Instant } from '../../shared/time.ts';

/**
 * The notice of a gateway that one of its objects has changed. It is only a hint: the present state
 * is always read from the gateway, so that neither the order nor the age of webhooks matters.
 */
export type Webhook = {
  /** The event id of the gateway, by which a repeat is known. */
  readonly _id: string;
  readonly type: string;
  readonly receivedAt: Instant;
  readonly createdAt: Instant;
  /** The reference of its intent: an invoice or a consolidation; null without one. */
  readonly reference: string | null;
  /** The intent whose refunds and disputes have changed, if any. */
  readonly intentId?: string | null;
  /** The token of the method whose card its bank renewed, if any. */
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

/** True for the events of a card that got a new number or expiry from its bank. */
const isAboutMethods = (type: string): boolean => /^payment_method\.(automatically_updated|updated)$/.test(type);

/**
 * True for events of charges, refunds, disputes and cards; other events do not concern payments.
 */
export const isRelevant = (type: string): boolean => /^(payment_intent|charge|refund)\./.test(type) || isAboutMethods(type);

/**
 * True for events of refunds and disputes: `refund.created`, `charge.refunded`,
 * `charge.refund.updated`, `charge.dispute.closed` and so on.
 */
const isAboutReturns = (type: string): boolean => /^(refund\.|charge\.(refunded$|refund\.|dispute\.))/.test(type);

/**
 * The webhook of a verified event of Stripe; undefined if it does not have the shape of an event.
 */
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

/** The webhook of a dispute at the simulated gateway, handled like one of a real gateway. */
export const simulatedWebhook = (intentId: string, status: DisputeStatus, now: Instant): Webhook => ({
  ...{ _id: `evt_${intentId}_dispute_${status}`, type: 'charge.dispute.updated', receivedAt: now, createdAt: now },
  ...{ reference: null, intentId, handledAt: null },
});

/**
 * The payment of a reference. The reference of an intent with a changed amount ends with a dot and
 * a number.
 */
export const paymentOfReference = (reference: string): string => paymentIdOf(reference.replace(/\.\d+$/, ''));
