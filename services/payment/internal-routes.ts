import { z } from 'zod';
import { notFound } from '../shared/problem.ts';
import { ok, type Route, route } from '../shared/route.ts';
import type { DisputeStore } from './disputes/dispute-store.ts';
import type { GatewayHealth } from './gateways/gateway-health.ts';
import type { Gateways } from './gateways/gateways.ts';
import { preferredGateways } from './routing/routing.ts';
import type { PaymentStore } from './store.ts';

/** What other services ask of payments, through Dapr. */
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
    summary: 'Where a dispute stands now',
    handle: async ({ params: { id = '' } }) => {
      const dispute = await disputes.find(id);
      return dispute ? ok(dispute) : notFound('dispute', id);
    },
  }),
  route({
    method: 'post',
    path: '/payments/:id/owe',
    scope: 'public',
    summary:
      'Collect no more than this of a failed payment, or nothing any more, because something else pays; not one whose outcome is open',
    body: z.strictObject({ amount: z.number().int().min(0) }),
    handle: async ({ params: { id = '' }, body: { amount } }) =>
      ok({ agreed: amount === 0 ? await store.withdraw(id) : await store.reduce(id, amount) }),
  }),
  route({
    method: 'post',
    path: '/customers/:id/setup',
    scope: 'public',
    summary: 'Begin to keep a payment method: at the gateway named, else where payments go by, else at the one that charges for real',
    body: z.object({ gateway: z.string().nullable(), currency: z.string(), country: z.string() }),
    handle: async ({ params: { id = '' }, body: { gateway: named, ...charged } }) => {
      const wanted = [...preferredGateways(await store.routing.routes(), charged), 'stripe', 'simulated'];
      const gateway = gateways.get(named ?? wanted.find((name) => gateways.has(name)) ?? '');
      return gateway ? ok(await gateway.setUp(id)) : notFound('gateway', String(named));
    },
  }),
  route({
    method: 'post',
    path: '/customers/:id/hosted-page',
    scope: 'public',
    summary: 'Where the customer gives a method on a page of the gateway itself; null where it has none, or is away',
    body: z.object({ gateway: z.string(), currency: z.string(), returnUrl: z.string(), cancelUrl: z.string() }),
    handle: async ({ params: { id = '' }, body: { gateway, ...asked } }) =>
      ok({ url: (await gateways.get(gateway)?.hostedPage?.({ customerId: id, ...asked })) ?? null }),
  }),
  route({
    method: 'post',
    path: '/hosted-methods',
    scope: 'public',
    summary: 'The token of the method that was given on such a page; null where none was',
    body: z.object({ gateway: z.string(), session: z.string() }),
    handle: async ({ body: { gateway, session } }) => ok({ token: (await gateways.get(gateway)?.hostedMethod?.(session)) ?? null }),
  }),
  route({
    method: 'post',
    path: '/customers/:id/payment-methods',
    scope: 'public',
    summary: 'Whether a token can be charged for a customer, and what may be shown of it',
    body: z.object({ gateway: z.string(), token: z.string() }),
    handle: async ({ params: { id = '' }, body: { gateway: name, token } }) => {
      const gateway = gateways.get(name);
      if (!gateway) return notFound('gateway', name);
      const check = await gateway.verify(id, token);
      health.heard(name, check);
      return ok(check);
    },
  }),
];
