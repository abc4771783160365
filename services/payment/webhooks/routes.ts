import { z } from 'zod';
import { listQuery } from '../../shared/list.ts';
import { notFound, problem } from '../../shared/problem.ts';
import { accepted, ok, type Route, route } from '../../shared/route.ts';
import type { Platform } from '../../shared/service.ts';
import { millisOf } from '../../shared/time.ts';
import { stripeEventOf } from '../gateways/stripe/client.ts';
import type { WebhookIntake } from './intake.ts';
import type { WebhookStore } from './store.ts';
import { webhookOf } from './webhook.ts';

const webhookAnswer = z.object({
  id: z.string(),
  type: z.string(),
  receivedAt: z.string(),
  reference: z.string().nullable(),
  handledAt: z.string().nullable(),
});

/** Where Stripe tells what happened, and where operators see and replay what it told. */
export function webhookRoutes(platform: Platform, webhooks: WebhookStore, intake: WebhookIntake): readonly Route[] {
  const refusedAs = (why: 'webhook-signature-invalid' | 'webhook-malformed', detail: string) => {
    platform.observeGateway('stripe', why);
    return problem(400, why, detail);
  };

  return [
    route({
      method: 'post',
      path: '/v1/webhooks/stripe',
      scope: 'public',
      summary: 'Webhooks of Stripe: kept before they are answered; forged, old or unreadable ones are refused and counted',
      bodyFormat: 'raw',
      body: z.instanceof(Buffer),
      handle: async ({ body, headers }) => {
        const secret = platform.config.stripe.webhookSecret;
        if (secret === undefined) return problem(503, 'webhooks-off', 'MARQUEE_STRIPE_WEBHOOK_SECRET is not set.');
        const signature = headers['stripe-signature'];
        const now = platform.now();
        const event = stripeEventOf(body, String(signature ?? ''), secret, millisOf(now));
        if (event === undefined) return refusedAs('webhook-signature-invalid', 'The signature is missing, wrong or too old.');
        const webhook = webhookOf(event, now);
        if (webhook === undefined) return refusedAs('webhook-malformed', 'This is not an event.');
        await intake.take(webhook);
        return ok({ received: true });
      },
    }),
    route({
      method: 'get',
      path: '/v1/webhooks/stripe',
      scope: 'payments:read',
      summary: 'The webhooks that came, the latest first',
      query: listQuery({}),
      answer: z.object({ data: z.array(webhookAnswer), nextCursor: z.string().nullable() }),
      handle: async ({ query }) => {
        const { data, nextCursor } = await webhooks.list(query);
        const shown = data.map(({ _id: id, type, receivedAt, reference, handledAt }) => ({ id, type, receivedAt, reference, handledAt }));
        return ok({ data: shown, nextCursor });
      },
    }),
    route({
      method: 'post',
      path: '/v1/webhooks/stripe/:id/replay',
      scope: 'payments:write',
      summary: 'Look again at what a webhook was about',
      handle: async ({ params: { id = '' } }) => ((await intake.replay(id)) ? accepted({ id }) : notFound('webhook', id)),
    }),
  ];
}
