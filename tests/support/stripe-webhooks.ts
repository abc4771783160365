import { createHmac } from 'node:crypto';
import type { Service } from '../../services/shared/service.ts';
import { millisOf } from '../../services/shared/time.ts';
import { noon } from './money-events.ts';
import { request } from './service.ts';

export const webhookSecret = 'whsec_test';

/** A Stripe whose webhooks are received, and whose API is not used. */
export const stripeWebhooks = { secretKey: undefined, apiBase: 'https://api.stripe.com', webhookSecret };

/** A signature like that of Stripe: HMAC-SHA256 over the time and the raw body. */
export const signed = (payload: string, at = noon, key = webhookSecret): string => {
  const seconds = Math.floor(millisOf(at) / 1000);
  return `t=${seconds},v1=${createHmac('sha256', key).update(`${seconds}.${payload}`).digest('hex')}`;
};

export const send = (service: Service, payload: string, signature = signed(payload)) =>
  request(service, 'post', '/v1/webhooks/stripe', { body: Buffer.from(payload), headers: { 'stripe-signature': signature } });

export type StoredWebhook = { readonly id: string; readonly type: string; readonly handledAt: string | null };

export const storedWebhooks = async (service: Service) =>
  (await request(service, 'get', '/v1/webhooks/stripe', { query: { limit: 200 } })).body.data as StoredWebhook[];

/** An event about a refund or a dispute of an intent. Its other fields are never read. */
export const returnEvent = (id: string, type: string, intentId: string): string => {
  const object = type.startsWith('charge.dispute') ? 'dispute' : type === 'charge.refunded' ? 'charge' : 'refund';
  return JSON.stringify({ id, type, object: 'event', data: { object: { object, id: `${object}_1`, payment_intent: intentId } } });
};
