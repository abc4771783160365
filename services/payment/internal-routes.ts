import { z } from 'zod';
import { notFound } from '../shared/problem.ts';
import { ok, type Route, route } from '../shared/route.ts';
import type { DisputeStore } from './disputes/dispute-store.ts';
import type { GatewayHealth } from './gateways/gateway-health.ts';
import type { Gateways } from './gateways/gateways.ts';
import { preferredGateways } from './routing/routing.ts';
import type { PaymentStore } from './store.ts';

/** The routes by which other services query and change payments, through Dapr. */
export const internalRoutes = (
  store: PaymentStore,
  disputes: DisputeStore,
  gateways: Gateways,
  health: GatewayHealth,
): readonly Route[] => [
  route({
    method: 'get',
    path: '/disputes/:id',
    scope: 'public',
    summary: 'Retrieve a dispute',
    handle: async ({ params: { id = '' } }) => {
      const dispute = await disputes.find(id);
      return dispute ? ok(dispute) : notFound('dispute', id);
    },
  }),
  route({
    method: 'post',
    path: '/payments/:id/owe',
    scope: 'public',
    summary: 'Lower the amount of a declined payment',
    description:
      'Another source of funds pays the rest; amount 0 cancels the payment. The response says whether the payment has this ' +
      'amount now: one that is under way keeps its amount.',
    body: z.strictObject({ amount: z.number().int().min(0) }),
    handle: async ({ params: { id = '' }, body: { amount } }) =>
      ok({ agreed: amount === 0 ? await store.withdraw(id) : await store.reduce(id, amount) }),
  }),
  route({
    method: 'post',
    path: '/customers/:id/setup',
    scope: 'public',
    summary: 'Create a setup intent',
    description:
      'Starts saving a payment method at the named gateway, else at the preferred one of the currency and country, else at ' +
      'Stripe where it is configured.',
    body: z.object({ gateway: z.string().nullable(), currency: z.string(), country: z.string() }),
    handle: async ({ params: { id = '' }, body: { gateway: named, ...payment } }) => {
      const candidates = [...preferredGateways(await store.routing.routes(), payment), 'stripe', 'simulated'];
      const gateway = gateways.get(named ?? candidates.find((name) => gateways.has(name)) ?? '');
      return gateway ? ok(await gateway.setUp(id)) : notFound('gateway', String(named));
    },
  }),
  route({
    method: 'post',
    path: '/customers/:id/hosted-page',
    scope: 'public',
    summary: 'Create a hosted page for a payment method',
    description: 'The url is null where the gateway has no page of its own, or is unavailable.',
    body: z.object({ gateway: z.string(), currency: z.string(), returnUrl: z.string(), cancelUrl: z.string() }),
    handle: async ({ params: { id = '' }, body: { gateway, ...page } }) =>
      ok({ url: (await gateways.get(gateway)?.hostedPage?.({ customerId: id, ...page })) ?? null }),
  }),
  route({
    method: 'post',
    path: '/hosted-methods',
    scope: 'public',
    summary: 'Retrieve the method of a hosted page',
    description: 'The token is null where the customer entered no payment method.',
    body: z.object({ gateway: z.string(), session: z.string() }),
    handle: async ({ body: { gateway, session } }) => ok({ token: (await gateways.get(gateway)?.hostedMethod?.(session)) ?? null }),
  }),
  route({
    method: 'post',
    path: '/customers/:id/payment-methods',
    scope: 'public',
    summary: 'Verify a payment method',
    description: 'Checks that a token can be charged for a customer, and returns the details that may be displayed.',
    body: z.object({ gateway: z.string(), token: z.string() }),
    handle: async ({ params: { id = '' }, body: { gateway: name, token } }) => {
      const gateway = gateways.get(name);
      if (!gateway) return notFound('gateway', name);
      const check = await gateway.verify(id, token);
      health.observe(name, check);
      return ok(check);
    },
  }),
];
