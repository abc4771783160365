import { join } from 'node:path';
import { Pool } from 'undici';
import { connectDocuments } from '../../services/shared/mongo.ts';
import { eventually } from '../support/api-client.ts';
import { bootMarquee } from '../support/marquee.ts';
import { signed, webhookSecret } from '../support/stripe-webhooks.ts';
import { type Measured, measureLoad } from './measure-load.ts';

const webhooks = Number(process.env.BENCH_WEBHOOKS ?? 6_000);
const senders = 32;
/** Every tenth webhook is sent twice, as Stripe sometimes does. */
const numberOf = (index: number): number => (index % 10 === 9 ? index - 1 : index);
const distinct = new Set(Array.from({ length: webhooks }, (_, index) => numberOf(index))).size;

const payloadOf = (prefix: string, index: number): string => {
  const id = `${prefix}_${numberOf(index)}`;
  const metadata = { reference: `inv_sub_${id}_1` };
  const object = { object: 'payment_intent', id: `pi_${id}`, metadata, amount: 1799, currency: 'eur', status: 'succeeded' };
  return JSON.stringify({ id: `evt_${id}`, object: 'event', type: 'payment_intent.succeeded', created: 1_770_000_000, data: { object } });
};

/**
 * Webhooks accepted per second, and the milliseconds from the last acceptance until every webhook
 * is handled.
 */
type WebhookIntake = { readonly accepted: Measured; readonly millisToHandled: number };

/**
 * Sends signed webhooks over HTTP to a host with the payment service, which stores each before it
 * responds.
 */
async function measureWebhookIntake(): Promise<WebhookIntake> {
  const entry = join(import.meta.dirname, 'bench-host.ts');
  const environment = { MARQUEE_STRIPE_WEBHOOK_SECRET: webhookSecret };
  const marquee = await bootMarquee({ entry, shortLived: false, groups: [['actors', 'auth', 'payment']], environment });
  const documents = await connectDocuments(marquee.backing.documents.uri);
  const pool = new Pool(marquee.url, { connections: senders });
  const send = (prefix: string) => async (index: number) => {
    const body = payloadOf(prefix, index);
    const headers = { 'content-type': 'application/json', 'stripe-signature': signed(body, new Date().toISOString()) };
    const response = await pool.request({ method: 'POST', path: '/v1/webhooks/stripe', headers, body });
    await response.body.dump();
    if (response.statusCode !== 200) throw new Error(`A webhook was refused with ${response.statusCode}.`);
  };
  const stored = (filter: object) => documents.collection('payment_webhooks').countDocuments({ _id: /^evt_bench/ as never, ...filter });
  try {
    await measureLoad('warm', webhooks / 6, senders, send('warm'));
    const accepted = await measureLoad('webhook accepted', webhooks, senders, send('bench'));
    const acceptedAt = performance.now();
    const missing = distinct - (await stored({}));
    if (missing !== 0) throw new Error(`${missing} webhooks were accepted but not stored exactly once.`);
    await eventually('every webhook handled', async () => (await stored({ handledAt: null })) === 0, 180);
    return { accepted, millisToHandled: performance.now() - acceptedAt };
  } finally {
    await pool.close();
    await documents.close();
    await marquee.end();
  }
}

/** The intake of Stripe's webhooks. */
export async function benchWebhooks(): Promise<string> {
  const { accepted, millisToHandled } = await measureWebhookIntake();
  const rate = `${accepted.perSecond.toFixed(0)} accepted a second (target 500), p99 ${accepted.p99.toFixed(0)} ms`;
  return `${rate}; the last was handled ${millisToHandled.toFixed(0)} ms after it was accepted`;
}
