import { z } from 'zod';
import { utcInstant } from '../../shared/fields.ts';
import { listQuery, pageSchema } from '../../shared/list.ts';
import { notFound, problem } from '../../shared/problem.ts';
import { accepted, ok, type Route, route } from '../../shared/route.ts';
import type { Platform } from '../../shared/service.ts';
import { millisOf } from '../../shared/time.ts';
import { stripeEventOf } from '../gateways/stripe/client.ts';
import type { WebhookIntake } from './intake.ts';
import type { WebhookStore } from './store.ts';
import { type Webhook, webhookOf } from './webhook.ts';

const webhookSchema = z
  .object({
    id: z.string().meta({ description: 'Event id of the gateway', examples: ['evt_1'] }),
    type: z.string().meta({ examples: ['charge.refunded'] }),
    receivedAt: utcInstant,
    reference: z.string().nullable().meta({ description: 'The invoice or consolidation that the charge is for' }),
    handledAt: utcInstant.nullable().meta({ description: 'When the webhook was handled; null until then' }),
  })
  .meta({ id: 'GatewayWebhook', description: 'A webhook that a payment gateway sent' });

const webhookResource = ({ _id: id, type, receivedAt, reference, handledAt }: Webhook): z.infer<typeof webhookSchema> => ({
  ...{ id, type, receivedAt, reference, handledAt },
});

/** The webhook endpoint for Stripe, and the routes by which operators list and replay webhooks. */
export const webhookRoutes = (platform: Platform, webhooks: WebhookStore, intake: WebhookIntake): readonly Route[] => [
  receivingRoute(platform, intake),
  route({
    method: 'get',
    path: '/v1/webhooks/stripe',
    scope: 'payments:read',
    operationId: 'listStripeWebhooks',
    summary: 'List received Stripe webhooks',
    description: 'Returns the webhooks that Stripe sent, newest first.',
    query: listQuery(),
    responses: { 200: pageSchema(webhookSchema) },
    handle: async ({ query }) => {
      const { data, nextCursor } = await webhooks.list(query);
      return ok({ data: data.map(webhookResource), nextCursor });
    },
  }),
  route({
    method: 'post',
    path: '/v1/webhooks/stripe/:id/replay',
    scope: 'payments:write',
    operationId: 'replayStripeWebhook',
    summary: 'Replay a Stripe webhook',
    description:
      'Handles a stored webhook again in the background, by reading the present state of its charge or card from Stripe. ' +
      'A repeat is harmless.',
    responses: { 202: z.object({ id: z.string().meta({ description: 'Event id of the webhook' }) }) },
    problems: ['webhook-not-found'],
    handle: async ({ params: { id = '' } }) => ((await intake.replay(id)) ? accepted({ id }) : notFound('webhook', id)),
  }),
];

function receivingRoute(platform: Platform, intake: WebhookIntake): Route {
  const refusedAs = (code: 'webhook-signature-invalid' | 'webhook-malformed', detail: string) => {
    platform.observeGateway('stripe', code);
    return problem(400, code, detail);
  };
  return route({
    method: 'post',
    path: '/v1/webhooks/stripe',
    scope: 'public',
    operationId: 'receiveStripeWebhook',
    summary: 'Receive a Stripe webhook',
    description:
      'Stripe sends its webhooks here, with a signature in the Stripe-Signature header. A webhook is stored before it is ' +
      'acknowledged, and handled afterwards. A repeat of the same event changes nothing.',
    bodyFormat: 'raw',
    body: z.instanceof(Buffer),
    responses: { 200: z.object({ received: z.literal(true) }) },
    problems: ['webhooks-off', 'webhook-signature-invalid', 'webhook-malformed'],
    handle: async ({ body, headers }) => {
      const secret = platform.config.stripe.webhookSecret;
      if (secret === undefined)
        return problem(404, 'webhooks-off', 'This instance receives no Stripe webhooks: MARQUEE_STRIPE_WEBHOOK_SECRET is not set.');
      const signature = headers['stripe-signature'];
      const now = platform.now();
      const event = stripeEventOf(body, String(signature ?? ''), secret, millisOf(now));
      if (event === undefined) return refusedAs('webhook-signature-invalid', 'The signature of the webhook is missing, wrong or too old.');
      const webhook = webhookOf(event, now);
      if (webhook === undefined) return refusedAs('webhook-malformed', 'The body of the webhook is not a Stripe event.');
      await intake.accept(webhook);
      return ok({ received: true });
    },
  });
}
