import { join } from 'node:path';
import { Pool } from 'undici';
import { connectDocuments } from '../../services/shared/mongo.ts';
import { eventually } from '../support/client.ts';
import { bootMarquee } from '../support/marquee.ts';
import { signed, webhookSecret } from '../support/stripe-webhooks.ts';
import { type Measured, measure } from './load.ts';

const webhooks = Number(process.env.BENCH_WEBHOOKS ?? 6_000);
const senders = 32;
/** Every tenth comes twice, as Stripe's do. */
const numberOf = (index: number): number => (index % 10 === 9 ? index - 1 : index);
const distinct = new Set(Array.from({ length: webhooks }, (_, index) => numberOf(index))).size;

const payloadOf = (prefix: string, index: number): string => {
  const id = `${prefix}_${numberOf(index)}`;
  const metadata = { reference: `inv_sub_${id}_1` };
  const object = { object: 'payment_intent', id: `pi_${id}`, metadata, amount: 1799, currency: 'eur', status: 'succeeded' };
  return JSON.stringify({ id: `evt_${id}`, object: 'event', type: 'payment_intent.succeeded', created: 1_770_000_000, data: { object } });
};

/** Webhooks accepted a second, and for how long the last one waited to be handled after it was answered. */
export type WebhookIntake = { readonly accepted: Measured; readonly millisToHandled: number };

/** Signed webhooks over HTTP at the public door of a host with the payment service, each kept in the documents before it is answered. */
export async function measureWebhookIntake(entry: string): Promise<WebhookIntake> {
  const environment = { MARQUEE_STRIPE_WEBHOOK_SECRET: webhookSecret };
  const marquee = await bootMarquee({ entry, shortLived: false, groups: [['actors', 'auth', 'payment']], environment });
  const documents = await connectDocuments(marquee.backing.documents.uri);
  const door = new Pool(marquee.url, { connections: senders });
  const send = (prefix: string) => async (index: number) => {
    const body = payloadOf(prefix, index);
    const headers = { 'content-type': 'application/json', 'stripe-signature': signed(body, new Date().toISOString()) };
    const answer = await door.request({ method: 'POST', path: '/v1/webhooks/stripe', headers, body });
    await answer.body.dump();
    if (answer.statusCode !== 200) throw new Error(`a webhook was answered ${answer.statusCode}`);
  };
  const kept = (filter: object) => documents.collection('payment_webhooks').countDocuments({ _id: /^evt_bench/ as never, ...filter });
  try {
    await measure('warm', webhooks / 6, senders, send('warm'));
    const accepted = await measure('webhook accepted at the public door', webhooks, senders, send('bench'));
    const answeredAt = performance.now();
    const missing = distinct - (await kept({}));
    if (missing !== 0) throw new Error(`${missing} webhooks were answered and not kept once`);
    await eventually('every webhook handled', async () => (await kept({ handledAt: null })) === 0, 180);
    return { accepted, millisToHandled: performance.now() - answeredAt };
  } finally {
    await door.close();
    await documents.close();
    await marquee.end();
  }
}

/** A line for the ladder. */
export const shownIntake = ({ accepted, millisToHandled }: WebhookIntake): string =>
  `webhook intake: ${accepted.perSecond.toFixed(0)} accepted a second (target 500), p99 ${accepted.p99.toFixed(0)} ms, the last handled ${millisToHandled.toFixed(0)} ms after it was answered`;

if (import.meta.main) console.log(shownIntake(await measureWebhookIntake(join(import.meta.dirname, 'bench-host.ts'))));
